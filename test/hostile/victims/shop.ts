// What the shop does: nothing worth attacking, so that what is measured is the server around it.
import { handler, type Implementation, implement } from '@tenon/contract'
import { type Context, ok } from '@tenon/endpoint'
import { Shop } from './contract.ts'

const methods = Shop.methods

/** Ends with the call, or (deaf) when its time has come, whoever waits. */
const waiting = (ms: number, ctx: Context | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    ctx?.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

export const shop: Implementation = implement(Shop, {
  place: handler(methods.place, async ({ customer, lines }) =>
    ok({ id: customer.id, total: lines.reduce((sum, { qty, price }) => sum + qty * price, 0) }),
  ),
  get: handler(methods.get, async ({ id, q = null, n = null, tags = [] }) => ok({ id, q, n, tags: tags.length })),
  cancel: handler(methods.cancel, async ({ id }) => ok({ length: id.length })),
  anything: handler(methods.anything, async ({ v }) => ok({ kind: Array.isArray(v) ? 'array' : typeof v })),
  numbers: handler(methods.numbers, async (numbers) => ok({ n: numbers.length })),
  record: handler(methods.record, async (record) => ok({ n: Object.keys(record).length })),
  tree: handler(methods.tree, async ({ tree }) => ok({ v: tree.v })),
  filter: handler(methods.filter, async () => ok({ ok: true })),
  chain: handler(methods.chain, async () => ok({ ok: true })),
  wide: handler(methods.wide, async ({ rows }) => ok({ n: rows.length })),
  // Joined, so that each answer is memory of its own.
  big: handler(methods.big, async ({ kb }) => ok({ text: Buffer.alloc(kb * 1_024, 'x').toString('latin1') })),
  slow: handler(methods.slow, async ({ ms }, ctx) => {
    await waiting(ms, ctx)
    return ok({ ms })
  }),
  deaf: handler(methods.deaf, async ({ ms }) => {
    await waiting(ms, undefined)
    return ok({ ms })
  }),
  changes: handler(methods.changes, async function* ({ since = 0 }) {
    yield ok({ seq: since + 1 })
  }),
  flood: handler(methods.flood, async function* ({ kb }) {
    const text = 'x'.repeat(kb * 1_024)
    for (;;) yield ok({ text })
  }),
})
