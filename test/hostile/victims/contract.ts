// A service with everything that an attacker looks for: open fields, recursions, unions without a tag, large answers, slow calls.
import { contract, failure, serverStream, unary } from '@tenon/contract'
import * as t from 'io-ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))

interface Tree {
  readonly v: number
  readonly kids?: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () =>
  t.intersection([t.strict({ v: t.number }), t.partial({ kids: t.readonlyArray(Tree) })]),
)

type Filter = { readonly and: readonly Filter[] } | { readonly or: readonly Filter[] } | { readonly field: string }
const Filter: t.Type<Filter> = t.recursion('Filter', () =>
  t.union([
    t.strict({ and: t.readonlyArray(Filter) }),
    t.strict({ or: t.readonlyArray(Filter) }),
    t.strict({ field: t.string }),
  ]),
)

/** A chain that fits two members down to its last link. */
type Chain = { readonly next: Chain; readonly p?: string } | { readonly next: Chain; readonly q?: string } | null
const Chain: t.Type<Chain> = t.recursion('Chain', () =>
  t.union([
    t.intersection([t.strict({ next: Chain }), t.partial({ p: t.string })]),
    t.intersection([t.strict({ next: Chain }), t.partial({ q: t.string })]),
    t.null,
  ]),
)

const members = Array.from({ length: 20 }, (_, i) => t.strict({ [`k${i}`]: t.literal(`v${i}`), x: t.string }))
const Wide: t.Type<unknown> = t.union(members as unknown as [t.Mixed, t.Mixed])

export const Shop = contract('shop.v1.Shop', {
  place: unary({
    input: t.strict({
      customer: t.strict({ id: t.string, name: t.string }),
      lines: t.array(t.strict({ sku: t.string, qty: t.number, price: t.number })),
      note: t.union([t.string, t.undefined]),
    }),
    output: t.strict({ id: t.string, total: t.number }),
    failures: [OutOfStock],
    http: 'POST /v1/orders',
  }),
  get: unary({
    input: t.intersection([
      t.strict({ id: t.string }),
      t.partial({ q: t.string, n: t.number, tags: t.array(t.string) }),
    ]),
    output: t.strict({ id: t.string, q: t.union([t.string, t.null]), n: t.union([t.number, t.null]), tags: t.number }),
    idempotent: true,
    http: 'GET /v1/items/{id}',
  }),
  cancel: unary({
    input: t.strict({ id: t.string }),
    output: t.strict({ length: t.number }),
    http: 'POST /v1/items/{id}:cancel',
  }),
  anything: unary({
    input: t.strict({ v: t.unknown }),
    output: t.strict({ kind: t.string }),
    http: 'POST /v1/anything',
  }),
  numbers: unary({ input: t.array(t.number), output: t.strict({ n: t.number }), http: 'POST /v1/numbers' }),
  record: unary({ input: t.record(t.string, t.number), output: t.strict({ n: t.number }), http: 'POST /v1/record' }),
  tree: unary({ input: t.strict({ tree: Tree }), output: t.strict({ v: t.number }), http: 'POST /v1/tree' }),
  filter: unary({ input: t.strict({ filter: Filter }), output: t.strict({ ok: t.boolean }), http: 'POST /v1/filter' }),
  chain: unary({ input: t.strict({ chain: Chain }), output: t.strict({ ok: t.boolean }), http: 'POST /v1/chain' }),
  wide: unary({
    input: t.strict({ rows: t.array(t.array(Wide)) }),
    output: t.strict({ n: t.number }),
    http: 'POST /v1/wide',
  }),
  big: unary({
    input: t.strict({ kb: t.number }),
    output: t.strict({ text: t.string }),
    idempotent: true,
    http: 'GET /v1/big/{kb}',
  }),
  slow: unary({ input: t.strict({ ms: t.number }), output: t.strict({ ms: t.number }), http: 'GET /v1/slow/{ms}' }),
  deaf: unary({ input: t.strict({ ms: t.number }), output: t.strict({ ms: t.number }), http: 'GET /v1/deaf/{ms}' }),
  changes: serverStream({
    input: t.partial({ since: t.number }),
    output: t.strict({ seq: t.number }),
    http: 'GET /v1/changes',
    resume: { id: 'seq', after: 'since' },
  }),
  flood: serverStream({
    input: t.strict({ kb: t.number }),
    output: t.strict({ text: t.string }),
    http: 'GET /v1/flood/{kb}',
  }),
})
