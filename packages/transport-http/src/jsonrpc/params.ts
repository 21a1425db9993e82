// How an input travels as `params`, which are an object or an array and nothing else: objects by name, whatever else by
// position. Both sides read the rule off the contract's codec.
import { type AnyMethod, type Description, describer, type InvalidArgument, invalidArgument } from '@tenon/contract'
import type { Either } from 'fp-ts/lib/Either.js'

export interface Placing {
  /** `params` of what `encodeInput` made; `undefined`: there are none. */
  readonly write: (encoded: unknown) => object | undefined
  /** What `decodeInput` reads. */
  readonly read: (params: object | undefined) => Either<InvalidArgument, unknown>
}

/** The rule for a method's input. */
export function placing({ input }: AnyMethod): Placing {
  const { describe, definitions } = describer()
  const plain = (of: Description): Description => {
    if (of.kind === 'ref') return plain(definitions.get(of.name) as Description)
    return of.kind === 'refined' ? plain(of.of) : of
  }
  const fieldsOf = (of: Description): readonly string[] | undefined => {
    const description = plain(of)
    if (description.kind === 'object') return description.fields.map(({ name }) => name)
    if (description.kind !== 'all') return undefined
    const members = description.of.map(fieldsOf)
    return members.every((names) => names !== undefined) ? [...new Set(members.flat())] : undefined
  }
  const description = plain(describe(input))
  if (description.kind === 'nothing') return nothing
  if (description.kind === 'array' || description.kind === 'tuple') return list
  const fields = fieldsOf(description)
  return fields === undefined ? single : named(fields)
}

const right = (value: unknown): Either<never, unknown> => ({ _tag: 'Right', right: value })

const tooMany = (most: number, given: number): Either<InvalidArgument, never> => ({
  _tag: 'Left',
  left: invalidArgument([{ path: 'params', expected: `${most} at most`, actual: String(given) }]),
})

const isEmpty = (params: object): boolean => Object.keys(params).length === 0

const nothing: Placing = {
  write: () => undefined,
  read: (params) => right(params === undefined || isEmpty(params) ? undefined : params),
}

/** The input is an array: it is `params`. */
const list: Placing = {
  write: (encoded) => encoded as object,
  read: (params = []) => right(params),
}

/** By name; by position in the order in which the codec names its fields. */
const named = (fields: readonly string[]): Placing => ({
  write: (encoded) => encoded as object,
  read(params = {}) {
    if (!Array.isArray(params)) return right(params)
    if (params.length > fields.length) return tooMany(fields.length, params.length)
    return right(Object.fromEntries(params.map((value, at) => [fields[at], value])))
  },
})

/** Anything else: an object is `params`, another value stands alone in an array. */
const single: Placing = {
  write: (encoded) =>
    encoded === undefined || (typeof encoded === 'object' && encoded !== null && !Array.isArray(encoded))
      ? encoded
      : [encoded],
  read(params) {
    if (!Array.isArray(params)) return right(params)
    return params.length > 1 ? tooMany(1, params.length) : right(params[0])
  },
}
