// What no codec may be asked to read: values nested without end, and the one key that changes an object's prototype.
import { type Issue, kindOf, unknownField } from './issue.ts'
import { pathOf, type Step } from './path.ts'

/** How deep a value may be nested where its codec sets no bound. Far more than a form, far less than the stack. */
export const maxDepth = 64

/**
 * The first thing in `value` that must not be there, if there is one. `steps` is where it stands; it is left as it was.
 * `path` writes such steps.
 */
export function guard(value: unknown, steps: Step[], path: (steps: readonly Step[]) => string): Issue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (steps.length >= maxDepth) return { path: path(steps), expected: `at most ${maxDepth} levels`, actual: 'more' }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item !== 'object' || item === null) continue
      steps.push(i)
      const issue = guard(item, steps, path)
      steps.pop()
      if (issue !== undefined) return issue
    }
    return undefined
  }
  for (const key of Object.keys(value)) {
    const item = (value as Readonly<Record<string, unknown>>)[key]
    const forbidden = key === '__proto__'
    if (!forbidden && (typeof item !== 'object' || item === null)) continue
    steps.push(key)
    const issue = forbidden
      ? { path: path(steps), expected: unknownField, actual: kindOf(item) }
      : guard(item, steps, path)
    steps.pop()
    if (issue !== undefined) return issue
  }
  return undefined
}

/** Is there something in the value that must not be there? It stands this deep. */
export const isUnsafe = (value: unknown, depth: number): boolean =>
  guard(value, new Array<number>(depth).fill(0), pathOf) !== undefined
