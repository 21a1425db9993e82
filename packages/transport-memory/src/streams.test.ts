// Streams over the in-process wire, in both directions: item by item, ended by either side, or by time.
import {
  type CallFailed,
  clientStream,
  contract,
  duplex,
  failure,
  handler,
  type Implementation,
  implement,
  serverStream,
} from '@tenon/contract'
import {
  background,
  type Context,
  call,
  type Failure,
  fail,
  type Outcome,
  ok,
  run,
  type Stream,
  stream,
  timeout,
  withCancel,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { memory, wire } from './index.ts'

const Refused = failure('Refused', 'failed_precondition', t.strict({ at: t.number }))
const Feed = contract('shop.feed.v1.Feed', {
  watch: serverStream({ input: t.strict({ from: t.number }), output: t.strict({ n: t.number }), failures: [Refused] }),
  sum: clientStream({ input: t.number, output: t.number, failures: [Refused] }),
  echo: duplex({ input: t.string, output: t.string }),
})
type Item = { n: number }

async function setUp(
  how: {
    watch?: (from: number, ctx: Context) => AsyncGenerator<Outcome>
    sum?: (numbers: Stream<number, CallFailed>, ctx: Context) => Promise<Outcome>
    echo?: (words: Stream<string, CallFailed>, ctx: Context) => AsyncGenerator<Outcome>
  },
  body?: number,
) {
  const link = wire('feed')
  const { watch, sum, echo } = how
  const feed = implement(Feed, {
    watch: handler(
      Feed.methods.watch,
      ({ from }, ctx) => (watch?.(from, ctx) ?? expect.unreachable()) as AsyncGenerator<never>,
    ),
    sum: handler(Feed.methods.sum, (numbers, ctx) => (sum?.(numbers, ctx) ?? expect.unreachable()) as Promise<never>),
    echo: handler(
      Feed.methods.echo,
      (words, ctx) => (echo?.(words, ctx) ?? expect.unreachable()) as AsyncGenerator<never>,
    ),
  })
  const server = await memory.serve(feed as Implementation, {
    wire: link,
    grace: 20,
    ...(body === undefined ? {} : { limits: { body } }),
  })
  return { server, client: memory.client(Feed, { wire: link }), link }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))
const opened = async <O>(
  answer: Promise<Outcome> | PromiseLike<{ readonly _tag: string }>,
): Promise<Stream<O, Failure>> => {
  const outcome = (await answer) as Outcome
  return outcome._tag === 'Right' ? (outcome.right as Stream<O, Failure>) : expect.unreachable()
}
const all = async (items: Stream<unknown, Failure>): Promise<unknown[]> => {
  const read: unknown[] = []
  for await (const item of items) read.push(item._tag === 'Right' ? item.right : item.left)
  return read
}
async function* counting(from: number, log: string[] = []) {
  try {
    for (let n = from; ; n++) {
      log.push(`made ${n}`)
      yield ok({ n })
    }
  } finally {
    log.push('closed')
  }
}

describe('a stream from the server', () => {
  it('given it ends, then all items were read in order, and the call counts until then', async () => {
    const { client, server } = await setUp({
      async *watch(from) {
        for (let n = from; n < from + 3; n++) yield ok({ n, more: undefined })
      },
    })
    const items = await opened<Item>(call(client.watch, { from: 1 }))
    expect(server.inFlight).toBe(1)
    expect(await all(items)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(server.inFlight).toBe(0)
  })

  it('given a reader that stops early, then the source is closed, and no item was made that nobody asked for', async () => {
    const log: string[] = []
    const { client, server } = await setUp({ watch: (from) => counting(from, log) })
    for await (const item of await opened<Item>(call(client.watch, { from: 1 })))
      if (item._tag === 'Right' && item.right.n === 2) break
    await settle()
    expect(log).toEqual(['made 1', 'made 2', 'closed'])
    expect(server.inFlight).toBe(0)
  })

  it('given a stream that nobody reads, when it is returned, then the call has ended', async () => {
    const { client, server } = await setUp({ watch: (from) => counting(from) })
    const items = await opened(call(client.watch, { from: 1 }))
    await items[Symbol.asyncIterator]().return?.()
    await settle()
    expect(server.inFlight).toBe(0)
  })

  it('given a failure in the middle, declared or not, or a throw, then it is the last item, typed', async () => {
    for (const [how, last] of [
      ['declared', Refused({ at: 1 })],
      ['undeclared', { _tag: 'Remote', code: 'aborted', tag: 'Teapot', message: 'short' }],
      ['throw', { _tag: 'Remote', code: 'internal', tag: 'Defect' }],
      ['codec', { _tag: 'Remote', code: 'internal' }],
    ] as const) {
      const { client, server } = await setUp({
        async *watch() {
          yield ok({ n: 0 })
          if (how === 'declared') yield fail(Refused({ at: 1 }))
          if (how === 'undeclared') yield fail({ _tag: 'Teapot', code: 'aborted', message: 'short' } as Failure)
          if (how === 'codec') yield ok({ n: 'one' })
          if (how === 'throw') throw new Error('secret')
          expect.unreachable()
        },
      })
      const read = await all(await opened(call(client.watch, { from: 0 })))
      expect(read).toMatchObject([{ n: 0 }, last])
      await settle()
      expect(server.inFlight).toBe(0)
    }
  })

  it('given an input that does not fit, then the stream does not open', async () => {
    const { client } = await setUp({})
    expect(await call(client.watch, { from: 'one' as never })).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('given a deadline in the middle, then the reader hears it in time, though the source hangs', async () => {
    const clock = virtualClock()
    let signal: AbortSignal | undefined
    const { client, server } = await setUp({
      async *watch(_, ctx) {
        signal = ctx.signal
        yield ok({ n: 1 })
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      },
    })
    const items = await opened<Item>(run(client.watch, { from: 1 }, background({ clock, deadline: 100 })))
    const read = all(items)
    await clock.advance(100)
    expect(await read).toMatchObject([{ n: 1 }, { _tag: 'DeadlineExceeded' }])
    await settle()
    expect(signal?.aborted).toBe(true)
    expect(server.inFlight).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('given a source that ends when its deadline passes, then its reader does not take that for the end', async () => {
    const clock = virtualClock()
    const { client } = await setUp({
      async *watch(_, ctx) {
        yield ok({ n: 1 })
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      },
    })
    const opening = run(client.watch, { from: 1 }, background({ clock, deadline: 100 }))
    const items = (await opened<Item>(opening))[Symbol.asyncIterator]()
    await items.next()
    const last = items.next()
    await clock.advance(100)
    expect(await last).toMatchObject({ value: { left: { _tag: 'DeadlineExceeded' } } })
  })

  it('given a caller who cancels in the middle, or before the first item is asked for, then it ends so, and the source is told', async () => {
    for (const early of [true, false]) {
      const clock = virtualClock()
      const log: string[] = []
      const { client, server } = await setUp({ watch: (from) => counting(from, log) })
      using scope = withCancel(background({ clock }))
      const items = (await opened<Item>(run(client.watch, { from: 1 }, scope.ctx)))[Symbol.asyncIterator]()
      if (!early) await items.next()
      scope.cancel()
      expect(await items.next()).toMatchObject({ done: false, value: { left: { _tag: 'Cancelled' } } })
      expect(await items.next()).toMatchObject({ done: true })
      await settle()
      expect(log).toEqual(early ? [] : ['made 1', 'closed'])
      expect(server.inFlight).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it('given a time limit around the client, then it holds for the opening and not for the items', async () => {
    const clock = virtualClock()
    const { client } = await setUp({
      async *watch() {
        yield ok({ n: 1 })
        await clock.sleep(60_000)
        yield ok({ n: 2 })
      },
    })
    const read = opened(run(timeout(50)(client.watch), { from: 1 }, background({ clock }))).then(all)
    await clock.advance(60_000)
    expect(await read).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('given a server whose time is up, then a reader who waits hears Unavailable', async () => {
    const { client, server } = await setUp({
      async *watch() {
        yield ok({ n: 1 })
        await new Promise(() => {})
      },
    })
    const read = all(await opened(call(client.watch, { from: 1 })))
    await settle()
    await server[Symbol.asyncDispose]()
    expect(await read).toMatchObject([{ n: 1 }, { _tag: 'Unavailable' }])
  })
})

describe('a stream to the server', () => {
  const adding = async (numbers: Stream<number, CallFailed>): Promise<Outcome> => {
    let sum = 0
    for await (const item of numbers) {
      if (item._tag === 'Left') return item
      sum += item.right
    }
    return ok(sum)
  }
  const numbers = async function* (log: string[] = [], last = 3) {
    try {
      for (let n = 1; n <= last; n++) yield ok(n)
    } finally {
      log.push('closed')
    }
  }

  it('given it ends, then the answer comes; given one that the server leaves early, then its source is closed', async () => {
    const log: string[] = []
    const { client, server } = await setUp({ sum: adding })
    expect(await call(client.sum, stream(numbers(log)))).toEqual(ok(6))
    const early = await setUp({
      async sum(items) {
        for await (const item of items) return item
        return ok(0)
      },
    })
    expect(await call(early.client.sum, stream(numbers(log, 1_000)))).toEqual(ok(1))
    const ignoring = await setUp({ sum: async () => fail(Refused({ at: 0 })) })
    expect(await call(ignoring.client.sum, stream(numbers(log)))).toEqual(fail(Refused({ at: 0 })))
    await settle()
    expect(log).toEqual(['closed', 'closed'])
    expect(server.inFlight + early.server.inFlight + ignoring.server.inFlight).toBe(0)
  })

  it('given an item that does not fit, or is too large, then the server hears so as the last item', async () => {
    const { client } = await setUp({ sum: adding })
    const bad = async function* () {
      yield ok(1)
      yield ok('two' as unknown as number)
    }
    expect(await call(client.sum, stream(bad()))).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    const small = await setUp({ sum: adding }, 12)
    const large = async function* () {
      yield ok(1)
      yield ok(1_234_567_890)
    }
    expect(await call(small.client.sum, stream(large()))).toMatchObject({ left: { tag: 'BodyTooLarge' } })
  })

  it('given a source that fails or throws, then the server hears it', async () => {
    const { client } = await setUp({ sum: adding })
    const down = async function* () {
      yield ok(1)
      yield fail({ _tag: 'Unavailable', code: 'unavailable', message: 'source down' } as const)
    }
    expect(await call(client.sum, stream(down()))).toMatchObject({
      left: { _tag: 'Unavailable', message: 'source down' },
    })
    const broken = async function* () {
      yield ok(1)
      throw new Error('secret')
    }
    expect(await call(client.sum, stream(broken()))).toMatchObject({ left: { code: 'internal' } })
  })

  it('given a source that hangs, when the deadline passes, then both sides have ended', async () => {
    const clock = virtualClock()
    const log: string[] = []
    const { client, server } = await setUp({ sum: adding })
    const hanging = async function* () {
      try {
        yield ok(1)
        await clock.sleep(200)
        yield ok(2)
      } finally {
        log.push('closed')
      }
    }
    const answer = run(client.sum, stream(hanging()), background({ clock, deadline: 100 }))
    await clock.advance(100)
    expect(await answer).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await clock.advance(100)
    expect(server.inFlight).toBe(0)
    expect(log).toEqual(['closed'])
    expect(clock.pending).toBe(0)
  })
})

describe('streams both ways', () => {
  const echoing = async function* (words: Stream<string, CallFailed>) {
    for await (const word of words) yield word._tag === 'Right' ? ok(word.right.toUpperCase()) : word
  }
  const words = async function* (log: string[] = []) {
    try {
      for (const word of ['oak', 'ash', 'elm']) yield ok(word)
    } finally {
      log.push('closed')
    }
  }

  it('given each word is answered, then they take turns to the end; given a reader that stops, then all is closed', async () => {
    const log: string[] = []
    const { client, server } = await setUp({ echo: echoing })
    expect(await all(await opened(call(client.echo, stream(words(log)))))).toEqual(['OAK', 'ASH', 'ELM'])
    for await (const _ of await opened(call(client.echo, stream(words(log))))) break
    await settle()
    expect(log).toEqual(['closed', 'closed'])
    expect(server.inFlight).toBe(0)
  })

  it('given a gateway, then streams go through it, and a reader that stops closes the source behind it', async () => {
    const log: string[] = []
    const { client, server } = await setUp({ watch: (from) => counting(from, log), echo: echoing })
    const front = wire('front')
    await using gateway = await memory.serve(implement(Feed, client) as Implementation, { wire: front })
    const far = memory.client(Feed, { wire: front })
    expect(await all(await opened(call(far.echo, stream(words()))))).toEqual(['OAK', 'ASH', 'ELM'])
    for await (const item of await opened<Item>(call(far.watch, { from: 1 })))
      if (item._tag === 'Right' && item.right.n === 2) break
    await settle()
    expect(log).toEqual(['made 1', 'made 2', 'closed'])
    expect(gateway.inFlight + server.inFlight).toBe(0)
  })
})
