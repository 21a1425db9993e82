// The streams that another implementation of gRPC speaks with us, beside the unary methods of the strings.
import {
  annotate,
  clientStream,
  contract,
  duplex,
  failure,
  handler,
  implement,
  serverStream,
  unary,
} from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'

export const Enough = failure('Enough', 'out_of_range', t.strict({ at: t.Int }))

const Item = t.strict({ text: t.string, n: t.Int })

export const Flows = contract('interop.v1.Flows', {
  count: serverStream({ input: t.strict({ to: t.Int }), output: Item, failures: [Enough] }),
  join: clientStream({ input: Item, output: Item }),
  echo: duplex({ input: Item, output: Item, failures: [Enough] }),
})

/** Serves them; `ended` hears how each stream ended, by its method's name. */
export const flows = (ended: (what: string) => void = () => {}) => {
  const { count, join, echo } = Flows.methods
  return implement(Flows, {
    count: handler(count, async function* ({ to }, ctx) {
      ctx.signal.addEventListener('abort', () => ended('count'))
      for (let n = 1; n <= to; n++) {
        if (n === 4) yield fail(Enough({ at: n as t.Int }))
        else yield ok({ text: `item ${n}`, n: n as t.Int })
      }
      if (to === 0) await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
    }),
    join: handler(join, async (items) => {
      let all = { text: '', n: 0 as t.Int }
      for await (const item of items) {
        if (item._tag === 'Left') return item
        all = { text: all.text + item.right.text, n: (all.n + item.right.n) as t.Int }
      }
      return ok(all)
    }),
    echo: handler(echo, async function* (items) {
      for await (const item of items) {
        if (item._tag === 'Left') return
        const { text, n } = item.right
        if (text === 'enough') yield fail(Enough({ at: n }))
        else yield ok({ text: text.toUpperCase(), n })
      }
    }),
  })
}

const Shape = t.union([
  t.strict({ kind: t.literal('dot'), at: annotate(t.string, { schema: { format: 'date-time' } }) }),
  t.strict({ kind: t.literal('line'), length: t.number, level: t.keyof({ low: null, high: null }) }),
])

/** What the other contracts have none of: no input, free values, unions, and messages as the values of maps. */
const Everything = contract('interop.v1.Everything', {
  nothing: unary({ input: t.void, output: t.void }),
  some: unary({
    input: t.intersection([
      t.strict({ shapes: t.array(Shape), named: t.record(t.string, t.strict({ at: t.number })), free: t.unknown }),
      t.partial({ first: t.string, shape: Shape, last: t.string }),
    ]),
    output: t.strict({ rest: t.record(t.string, t.unknown) }),
  }),
})

export const everything = () =>
  implement(Everything, {
    nothing: handler(Everything.methods.nothing, async () => ok(undefined)),
    some: handler(Everything.methods.some, async () => ok({ rest: {} })),
  })

/** These items, as whoever streams them in gives them. */
export async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
