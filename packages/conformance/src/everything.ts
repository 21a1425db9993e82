// The contract under test: every kind of method, and codecs of every kind that all wires have.
import {
  type Contract,
  clientStream,
  contract,
  duplex,
  type FailureType,
  failure,
  type Method,
  serverStream,
  unary,
} from '@tenon/contract'
import * as t from 'io-ts'

/** A date in the program, its ISO text on the wire. */
const Instant: t.Type<Date, string> = new t.Type<Date, string>(
  'DateFromISOString',
  (u): u is Date => u instanceof Date,
  (u, c) => {
    const date = new Date(typeof u === 'string' ? u : Number.NaN)
    return Number.isNaN(date.getTime()) ? t.failure(u, c) : t.success(date)
  },
  (date) => date.toISOString(),
)

/** Told apart by a tag. */
export type Shape =
  | { readonly kind: 'circle'; readonly radius: number }
  | { readonly kind: 'box'; readonly width: number; readonly height: number }
const Shape: t.Type<Shape, unknown> = t.union([
  t.strict({ kind: t.literal('circle'), radius: t.number }),
  t.strict({ kind: t.literal('box'), width: t.number, height: t.number }),
])

/** Holds others of its kind. */
export interface Tree {
  readonly name: string
  readonly branches: readonly Tree[]
}
const Tree: t.Type<Tree, unknown> = t.recursion('Tree', (self) =>
  t.strict({ name: t.string, branches: t.readonlyArray(self) }),
)

/** One of everything. */
export interface Everything {
  readonly text: string
  readonly whole: number
  readonly ratio: number
  readonly yes: boolean
  readonly level: 'low' | 'high'
  readonly at: Date
  readonly tags: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly inner: { readonly deep: { readonly text: string } }
  readonly shapes: readonly Shape[]
  readonly tree: Tree
  readonly note?: string
  readonly number?: number
  readonly flag?: boolean
}
export const Everything: t.Type<Everything, unknown> = t.intersection(
  [
    t.strict({
      text: t.string,
      whole: t.Int,
      ratio: t.number,
      yes: t.boolean,
      level: t.keyof({ low: null, high: null }),
      at: Instant,
      tags: t.readonlyArray(t.string),
      counts: t.readonly(t.record(t.string, t.number)),
      inner: t.strict({ deep: t.strict({ text: t.string }) }),
      shapes: t.readonlyArray(Shape),
      tree: Tree,
    }),
    t.partial({ note: t.string, number: t.number, flag: t.boolean }),
  ],
  'Everything',
) as t.Mixed as t.Type<Everything, unknown>

/** A failure with details; its code is one of business. */
export const Refused: FailureType<'Refused', 'failed_precondition', { why: string; at: Date }> = failure(
  'Refused',
  'failed_precondition',
  t.strict({ why: t.string, at: Instant }),
)
/** The same code, no details. */
export const Closed: FailureType<'Closed', 'failed_precondition', Record<never, never>> = failure(
  'Closed',
  'failed_precondition',
)
/** A declared failure whose code is one of the way. */
export const Crowded: FailureType<'Crowded', 'resource_exhausted', { limit: number }> = failure(
  'Crowded',
  'resource_exhausted',
  t.strict({ limit: t.number }),
)

type Failures = readonly [typeof Refused, typeof Closed, typeof Crowded]
const failures: Failures = [Refused, Closed, Crowded]

/** Which behaviour is asked for. */
interface Ask {
  readonly what: string
}
const Ask: t.Type<Ask> = t.strict({ what: t.string })

/** One message of a stream. */
export interface Item {
  readonly n: number
  readonly text?: string
}
const Item: t.Type<Item> = t.intersection([t.strict({ n: t.number }), t.partial({ text: t.string })])

/** What travels in path and query where a wire has such. */
interface Find {
  readonly id: string
  readonly tags: readonly string[]
  readonly page?: number
}
const Find: t.Type<Find, unknown> = t.intersection([
  t.strict({ id: t.string, tags: t.readonlyArray(t.string) }),
  t.partial({ page: t.Int }),
]) as t.Mixed as t.Type<Find, unknown>

/** The contract that most cases are about. */
export const Suite: Contract<
  'tenon.conformance.v1.Suite',
  {
    readonly echo: Method<'unary', Everything, Everything, readonly []>
    readonly find: Method<'unary', Find, Find, readonly []>
    readonly act: Method<'unary', Ask, Item, Failures>
    readonly nothing: Method<'unary', void, void, readonly []>
    readonly count: Method<'serverStream', Ask, Item, Failures>
    readonly sum: Method<'clientStream', Item, Item, Failures>
    readonly chat: Method<'duplex', Item, Item, Failures>
  }
> = contract('tenon.conformance.v1.Suite', {
  echo: unary({ input: Everything, output: Everything }),
  find: unary({ input: Find, output: Find, idempotent: true, http: 'GET /v1/things/{id}' }),
  act: unary({ input: Ask, output: Item, failures }),
  nothing: unary({ input: t.void, output: t.void }),
  count: serverStream({ input: Ask, output: Item, failures }),
  sum: clientStream({ input: Item, output: Item, failures }),
  chat: duplex({ input: Item, output: Item, failures }),
})

const From: t.Type<{ readonly after?: number }> = t.partial({ after: t.number })

/** A stream that goes on after a given item. */
export const Log: Contract<
  'tenon.conformance.v1.Log',
  { readonly count: Method<'serverStream', { readonly after?: number }, Item, readonly []> }
> = contract('tenon.conformance.v1.Log', {
  count: serverStream({ input: From, output: Item, resume: { id: 'n', after: 'after' } }),
})

/** Codecs without a shape: what JSON can say, and nothing is known of. */
export const Open: Contract<
  'tenon.conformance.v1.Open',
  { readonly any: Method<'unary', unknown, unknown, readonly []> }
> = contract('tenon.conformance.v1.Open', { any: unary({ input: t.unknown, output: t.unknown }) })

/** The suite's contract as a client of another version would have it, who may send and expects anything. */
export const Lax: Contract<
  'tenon.conformance.v1.Suite',
  {
    readonly act: Method<'unary', unknown, unknown, readonly []>
    readonly count: Method<'serverStream', unknown, unknown, readonly []>
    readonly gone: Method<'unary', unknown, unknown, readonly []>
  }
> = contract('tenon.conformance.v1.Suite', {
  act: unary({ input: t.unknown, output: t.unknown }),
  count: serverStream({ input: t.unknown, output: t.unknown }),
  gone: unary({ input: t.unknown, output: t.unknown }),
})
