// Are two outcomes the same for everybody who looks? Values, references, order of keys, prototypes, and what was thrown.
import { inspect, types } from 'node:util'
import type * as t from 'io-ts'

export type Outcome = { readonly answer: unknown } | { readonly thrown: unknown }

export function outcomeOf(f: () => unknown): Outcome {
  try {
    return { answer: f() }
  } catch (thrown) {
    return { thrown }
  }
}

/** Every object in it, as far as one gets. */
export function objectsIn(value: unknown, found: Set<unknown> = new Set()): Set<unknown> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found
  found.add(value)
  const keys = outcomeOf(() => Reflect.ownKeys(value))
  if ('answer' in keys)
    for (const key of keys.answer as PropertyKey[]) {
      const item = outcomeOf(() => (value as Record<PropertyKey, unknown>)[key])
      if ('answer' in item) objectsIn(item.answer, found)
    }
  return found
}

/** Where they differ; `undefined` where they are the same. What is in `old` was there before: it must be the same object. */
export function difference(one: Outcome, other: Outcome, old: ReadonlySet<unknown>): string | undefined {
  if ('thrown' in one && 'thrown' in other) {
    const [a, b] = [one.thrown, other.thrown]
    return a === b || (a instanceof Error && b instanceof Error && a.name === b.name && a.message === b.message)
      ? undefined
      : `thrown: ${inspect(a)}, ${inspect(b)}`
  }
  if ('thrown' in one || 'thrown' in other) return `only one throws: ${inspect(one)}, ${inspect(other)}`
  return differ(one.answer, other.answer, 'answer', old, new Map())
}

function differ(
  a: unknown,
  b: unknown,
  path: string,
  old: ReadonlySet<unknown>,
  seen: Map<unknown, unknown>,
): string | undefined {
  if (Object.is(a, b)) return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${inspect(a)}, ${inspect(b)}`
  if (old.has(a) || old.has(b)) return `${path}: one is the object that was given`
  if (seen.has(a)) return seen.get(a) === b ? undefined : `${path}: shared otherwise`
  seen.set(a, b)
  // As io-ts has it, what `__proto__` is decoded to becomes one.
  const prototypes = differ(Object.getPrototypeOf(a), Object.getPrototypeOf(b), `${path}: prototype`, old, seen)
  if (prototypes !== undefined) return prototypes
  if (types.isDate(a) && types.isDate(b) && !Object.is(a.getTime(), b.getTime())) return `${path}: ${a}, ${b}`
  const [keys, others] = [Reflect.ownKeys(a), Reflect.ownKeys(b)]
  if (keys.length !== others.length || keys.some((key, at) => key !== others[at]))
    return `${path}: keys ${keys.map(String)}, ${others.map(String)}`
  for (const key of keys) {
    const [x, y] = [
      Object.getOwnPropertyDescriptor(a, key),
      Object.getOwnPropertyDescriptor(b, key),
    ] as PropertyDescriptor[]
    if (x?.enumerable !== y?.enumerable) return `${path}.${String(key)}: enumerable`
    const found = differ(x?.value, y?.value, `${path}.${String(key)}`, old, seen)
    if (found !== undefined) return found
  }
  return undefined
}

/** The same for errors: every context names the very same codecs. */
export function errorsDiffer(a: t.Errors, b: t.Errors, old: ReadonlySet<unknown>): string | undefined {
  const differs = (x: unknown, y: unknown): boolean => differ(x, y, '', old, new Map()) !== undefined
  if (a.length !== b.length) return `${a.length} errors, ${b.length}`
  for (const [at, error] of a.entries()) {
    const other = b[at] as t.ValidationError
    if (differs(error.value, other.value)) return `error ${at}: value`
    if (error.message !== other.message) return `error ${at}: message`
    if (error.context.length !== other.context.length) return `error ${at}: context`
    for (const [i, entry] of error.context.entries()) {
      const its = other.context[i] as t.ContextEntry
      if (entry.key !== its.key || entry.type !== its.type || differs(entry.actual, its.actual))
        return `error ${at}: context entry ${i}: ${entry.key} ${entry.type.name}, ${its.key} ${its.type.name}`
    }
  }
  return undefined
}
