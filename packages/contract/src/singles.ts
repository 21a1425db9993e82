// Reads a query of which every key is a field's and stands there once, as nearly all are: no pairs, no lists, and where the
// fields come in the contract's order, as our clients send them, no keys either.
import type { Text } from './text.ts'

interface Single {
  readonly field: string
  readonly text: Text
  /** What its pair begins with. */
  readonly start: string
  /** It stands for the field among those that were seen. */
  readonly bit: number
}

/** Reads a plain query into a row; `false` where it must be read the long way, and nothing was done. */
export type Singles = (query: string, row: Record<string, unknown>) => boolean

/** As many as there are bits in a number that V8 keeps small. */
const most = 30

/** A key that no sign of a query is in. Object's own names are in every row, and are left to the long way. */
const isKey = (field: string): boolean => /^[\w.~-]+$/.test(field) && !(field in {})

/** For these fields; `undefined` where they cannot be read so. */
export function singlesOf(fields: ReadonlyMap<string, Text>): Singles | undefined {
  const all = [...fields].map(([field, text], at): Single => ({ field, text, start: `${field}=`, bit: 1 << at }))
  if (all.length > most || !all.every(({ field, text }) => isKey(field) && !text.many)) return undefined
  const byField = new Map(all.map((single) => [single.field, single]))
  return (query, row) => {
    let seen = 0
    let next = 0
    for (let from = 0; from < query.length; ) {
      let single = all[next]
      if (single !== undefined && query.startsWith(single.start, from)) next++
      else {
        const sign = query.indexOf('=', from)
        single = sign < 0 ? undefined : byField.get(query.slice(from, sign))
      }
      if (single === undefined || (seen & single.bit) !== 0) {
        for (const { field } of all) delete row[field]
        return false
      }
      seen |= single.bit
      from += single.start.length
      const end = query.indexOf('&', from)
      const until = end < 0 ? query.length : end
      // The field's own name: the key is a text that V8 has not seen before, and would have to look up.
      row[single.field] = single.text.read(query.slice(from, until))
      from = until + 1
    }
    return true
  }
}
