// What is said of a named schema in the same words wherever it is referred to is said of the schema itself, once.
import type { JsonObject } from './document.ts'

/** What stands beside references: by their text, that of the first, or `undefined` where they differ. */
export type Beside = ReadonlyMap<string, JsonObject | undefined>

/** Looks through values for what stands beside references that `isOurs` knows. */
export function besideReferences(values: readonly unknown[], isOurs: (ref: string) => boolean): Beside {
  const found = new Map<string, JsonObject | undefined>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { $ref, ...rest } = value as JsonObject
    if (typeof $ref === 'string' && isOurs($ref)) {
      const known = found.get($ref)
      const same = !found.has($ref) || (known !== undefined && JSON.stringify(known) === JSON.stringify(rest))
      found.set($ref, same ? rest : undefined)
    }
    for (const part of Object.values(value)) look(part)
  }
  for (const value of values) look(value)
  return found
}

/** The value without what its references say of what they refer to, where that says it itself. */
export function withoutBeside(value: unknown, beside: Beside): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutBeside(item, beside))
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as JsonObject
  if (typeof $ref === 'string' && beside.get($ref) !== undefined) return { $ref }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutBeside(part, beside)]))
}
