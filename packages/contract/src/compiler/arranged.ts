// Makes the answer for an object whose keys are not just those of the codec, in its order: others are there, some are
// missing, or they come in another order, in which they stay, as io-ts keeps it.
import { isUnsafe } from '../guard.ts'
import { doubt } from './signals.ts'

export interface Arrangement {
  readonly keys: readonly string[]
  readonly places: ReadonlyMap<string, number>
  readonly optional: readonly boolean[]
  /** What becomes of keys that are no field's. */
  readonly others: 'keep' | 'drop' | 'doubt'
  /** What becomes of optional keys that are `undefined`. */
  readonly empty: 'keep' | 'drop' | 'doubt'
  /** Does a field that is missing come in with its result, as in decoding? */
  readonly fills: boolean
  /** Is there always a new object? */
  readonly renews: boolean
  /** Is it one where all keys are these; else there is a new object, too. */
  readonly core: ReadonlySet<string> | undefined
  readonly first: readonly ReadonlySet<string>[]
  /** Is what is left out bounded in depth like all else? */
  readonly bounded: boolean
}

type Row = Readonly<Record<string, unknown>>

/** `values` are those of the fields, `results` what became of them. */
export function arranged(
  how: Arrangement,
  object: Row,
  depth: number,
  values: readonly unknown[],
  results: readonly unknown[],
): unknown {
  const keys = Object.keys(object)
  if (keys.length !== Object.getOwnPropertyNames(object).length || Object.getOwnPropertySymbols(object).length > 0)
    return doubt
  const made = new Map<string, unknown>()
  let changed = how.renews
  for (const key of keys) {
    const at = how.places.get(key)
    if (at === undefined) {
      if (how.others === 'doubt' || key === '__proto__') return doubt
      // Read also where it goes: a getter may throw, and io-ts knows whether it is asked.
      const item = object[key]
      if (how.others === 'keep') made.set(key, item)
      else if (how.bounded && isUnsafe(item, depth + 1)) return doubt
      changed = true
    } else if (values[at] === undefined && how.optional[at] === true && how.empty !== 'keep') {
      if (how.empty === 'doubt') return doubt
      changed = true
    } else {
      const same = results[at] === values[at] || Object.is(results[at], values[at])
      // Of equal values what was there stays: it may be the other zero.
      made.set(key, same ? values[at] : results[at])
      changed ||= !same || how.core?.has(key) === false
    }
  }
  for (const [at, key] of how.keys.entries()) {
    if (made.has(key)) continue
    // It has it from its prototype.
    if (values[at] !== undefined) return doubt
    if (how.optional[at] === true && results[at] === undefined) continue
    if (!how.fills || how.core !== undefined) return doubt
    made.set(key, results[at])
    changed = true
  }
  return changed ? objectOf(made, how.first) : object
}

function objectOf(made: ReadonlyMap<string, unknown>, first: readonly ReadonlySet<string>[]): object {
  const object: Record<string, unknown> = {}
  for (const group of first) for (const [key, value] of made) if (group.has(key)) object[key] = value
  for (const [key, value] of made) object[key] = value
  return object
}
