// What is attacked over gRPC and NATS: a method for each thing that an attacker looks for, streams in all directions, events.
import {
  clientStream,
  contract,
  duplex,
  event,
  handler,
  type Implementation,
  implement,
  serverStream,
  unary,
} from '@tenon/contract'
import { type Context, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { count } from './told.ts'

interface Tree {
  readonly v: number
  readonly kids: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.strict({ v: t.number, kids: t.readonlyArray(Tree) }))
const Text = t.strict({ text: t.string })
const Count = t.strict({ n: t.Int })
const Time = t.strict({ ms: t.Int })

export const Echo = contract('hostile.v1.Echo', {
  /** For those who are no attackers. */
  say: unary({ input: Text, output: Text }),
  /** For attackers: how often it runs is counted. */
  hear: unary({ input: Text, output: Text }),
  nothing: unary({ input: t.void, output: t.void }),
  anything: unary({ input: t.strict({ v: t.unknown }), output: Text }),
  tree: unary({ input: t.strict({ tree: Tree }), output: Count }),
  numbers: unary({ input: t.strict({ all: t.array(t.number) }), output: Count }),
  names: unary({ input: t.strict({ all: t.record(t.string, t.number) }), output: Count }),
  whole: unary({ input: Count, output: Count }),
  big: unary({ input: t.strict({ kb: t.Int }), output: Text }),
  slow: unary({ input: Time, output: Time }),
  deaf: unary({ input: Time, output: Time }),
  take: clientStream({ input: t.string, output: Count }),
  flood: serverStream({ input: t.strict({ kb: t.Int }), output: t.string }),
  /** Opens, and says nothing until it is told to stop. */
  still: serverStream({ input: t.void, output: t.string }),
  chat: duplex({ input: t.string, output: t.string }),
})

/** Events, on JetStream. */
export const Orders = contract('hostile.v1.Orders', {
  placed: event({ message: t.strict({ id: t.string, act: t.keyof({ keep: 0, throw: 0, die: 0, linger: 0 }) }) }),
})

const { methods } = Echo

/** Ends with the call, or (deaf) when its time has come, whoever waits. */
const waiting = (ms: number, ctx: Context | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    ctx?.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

const counted = (n: number) => ok({ n: n as t.Int })

export const echo: Implementation = implement(Echo, {
  say: handler(methods.say, async ({ text }) => ok({ text })),
  hear: handler(methods.hear, async ({ text }) => {
    count('heard')
    return ok({ text })
  }),
  nothing: handler(methods.nothing, async () => ok()),
  anything: handler(methods.anything, async ({ v }) => ok({ text: Array.isArray(v) ? 'array' : typeof v })),
  tree: handler(methods.tree, async ({ tree }) => counted(tree.kids.length)),
  numbers: handler(methods.numbers, async ({ all }) => counted(all.length)),
  names: handler(methods.names, async ({ all }) => counted(Object.keys(all).length)),
  whole: handler(methods.whole, async ({ n }) => counted(n)),
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
  take: handler(methods.take, async (items) => {
    let n = 0
    for await (const item of items) {
      if (item._tag === 'Left') return counted(n)
      n++
    }
    return counted(n)
  }),
  flood: handler(methods.flood, async function* ({ kb }) {
    const text = 'x'.repeat(kb * 1_024)
    for (;;) yield ok(text)
  }),
  still: handler(methods.still, async function* (_, ctx) {
    await waiting(2 ** 31 - 1, ctx)
    yield ok('')
  }),
  chat: handler(methods.chat, async function* (items) {
    for await (const item of items) if (item._tag === 'Right') yield item
  }),
})
