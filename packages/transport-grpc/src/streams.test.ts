// Streams in all directions on real sockets: who does not read holds back, and every end reaches both sides.
import { clientStream, contract, duplex, failure, handler, implement, serverStream } from '@tenon/contract'
import {
  background,
  type Context,
  call,
  fail,
  type Outcome,
  ok,
  run,
  type Stream,
  stream,
  streamTimeout,
  withCancel,
} from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { grpc, type ServeOptions } from './index.ts'

const Gone = failure('Gone', 'not_found', t.strict({ at: t.number }))
const Suite = contract('a.v1.Suite', {
  down: serverStream({ input: t.void, output: t.string, failures: [Gone] }),
  up: clientStream({ input: t.string, output: t.number, failures: [Gone] }),
  both: duplex({ input: t.string, output: t.string, failures: [Gone] }),
  whole: clientStream({ input: t.Int, output: t.number }),
})

type Items = Stream<string, never>
interface Handlers {
  readonly down?: (input: undefined, ctx: Context) => AsyncIterable<Outcome>
  readonly up?: (items: Items, ctx: Context) => Promise<Outcome>
  readonly both?: (items: Items, ctx: Context) => AsyncIterable<Outcome>
  readonly whole?: (items: Stream<number>, ctx: Context) => Promise<Outcome>
}
const never = (): never => {
  throw new Error('not called')
}
const { down, up, both, whole } = Suite.methods
const suite = (of: Handlers) =>
  implement(Suite, {
    down: handler(down, (of.down ?? never) as never),
    up: handler(up, (of.up ?? never) as never),
    both: handler(both, (of.both ?? never) as never),
    whole: handler(whole, (of.whole ?? never) as never),
  })

async function open(of: Handlers, options: ServeOptions = {}) {
  const server = await grpc.serve(suite(of), { grace: 0, onTelemetry: () => {}, ...options })
  const client = grpc.client(Suite, { address: server.address })
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const block = 'x'.repeat(65_536)
/** What lies between both ends: two Node streams of 16 items each; measured: 16 to 32. */
const most = 48
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A source of 64 KB at a time without end, that counts what it made. */
function flood() {
  const state = { made: 0, closed: false }
  async function* make(): AsyncGenerator<Outcome> {
    try {
      for (;;) {
        state.made++
        yield ok(block)
      }
    } finally {
      state.closed = true
    }
  }
  return { state, make }
}

async function settled(made: () => number): Promise<number> {
  for (let last = -1; ; await later(60)) {
    if (made() === last) return last
    last = made()
  }
}

const opened = <T>(answer: Outcome): Stream<T, never> => (answer as { readonly right: Stream<T, never> }).right

const readAll = async (items: AsyncIterable<Outcome>): Promise<Outcome[]> => {
  const all: Outcome[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('back-pressure', () => {
  it('given a client that does not read, when the server makes 64 KB at a time without end, then it is held back until the client reads', async () => {
    const { state, make } = flood()
    await using stand = await open({ down: make })
    const items = opened<string>(await call(stand.client.down, undefined))[Symbol.asyncIterator]()
    await items.next()
    const held = await settled(() => state.made)
    expect(held).toBeLessThan(most)
    for (let n = 0; n < 100; n++) expect((await items.next()).value).toEqual(ok(block))
    expect(await settled(() => state.made)).toBeLessThan(100 + most)
    await items.return?.()
    await expect.poll(() => state.closed).toBe(true)
    await expect.poll(() => stand.server.inFlight).toBe(0)
  })

  it('given a handler that does not read, when the client makes 64 KB at a time without end, then it is held back; when the handler answers, then the source is closed', async () => {
    const { state, make } = flood()
    let release = (): void => {}
    await using stand = await open({
      up: async () => {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return ok(1)
      },
    })
    const answer = call(stand.client.up, stream(make()) as never)
    await expect.poll(() => stand.server.inFlight).toBe(1)
    expect(await settled(() => state.made)).toBeLessThan(most)
    release()
    expect(await answer).toEqual(ok(1))
    await expect.poll(() => state.closed).toBe(true)
  })

  it('given small items without end on a connection that is new, when the handler fails at the third, then no thousands are made', async () => {
    let made = 0
    async function* small(): AsyncGenerator<Outcome> {
      for (;;) yield ok(`${made++}`)
    }
    await using stand = await open({
      async *both(items) {
        let read = 0
        for await (const item of items) yield ++read === 3 ? fail(Gone({ at: read })) : item
      },
    })
    const items = opened<string>(await call(stand.client.both, stream(small()) as never))
    expect(await readAll(items)).toEqual([ok('0'), ok('1'), fail(Gone({ at: 3 }))])
    await later(20)
    // Some hundreds; grpc-js alone takes a megabyte, which were 75,000.
    expect(made).toBeLessThan(5_000)
  })

  it('given a conversation that nobody reads, when both sides send without end, then both are held back', async () => {
    const [ours, theirs] = [flood(), flood()]
    await using stand = await open({ both: theirs.make })
    const items = opened<string>(await call(stand.client.both, stream(ours.make()) as never))[Symbol.asyncIterator]()
    expect(await settled(() => ours.state.made)).toBeLessThan(most)
    expect(await settled(() => theirs.state.made)).toBeLessThan(most)
    await items.return?.()
    await expect.poll(() => ours.state.closed && theirs.state.closed).toBe(true)
  })
})

describe('ends', () => {
  async function* three(): AsyncGenerator<Outcome> {
    for (const item of ['a', 'b', 'c']) yield ok(item)
  }

  it('given a stream, when it has been read, then finalizers of both sides run once, at its end, and hooks see the trailers', async () => {
    const log: string[] = []
    await using stand = await open(
      { down: three },
      {
        after: grpc.setResponseTrailer('x-tail', 't'),
        finalize: (_ctx, _call, { _tag }) => void log.push(`server ${_tag}`),
      },
    )
    await using client = grpc.client(Suite, {
      address: stand.server.address,
      after: (_, { code, trailers }) => void log.push(`after ${code} ${trailers.get('x-tail')}`),
      finalize: (_, { outcome: { _tag } }) => void log.push(`client ${_tag}`),
    })
    const items = opened(await call(client.down, undefined))
    await later(30)
    expect(log.filter((line) => !line.startsWith('server'))).toEqual([])
    expect(await readAll(items)).toEqual([ok('a'), ok('b'), ok('c')])
    await expect.poll(() => log.length).toBe(3)
    expect(log.toSorted()).toEqual(['after 0 t', 'client Right', 'server Right'])
  })

  it('given a declared failure in the middle, when it is read, then it is typed and the last', async () => {
    await using stand = await open({
      async *down() {
        yield ok('a')
        yield fail(Gone({ at: 1 }))
      },
      async *both(items) {
        for await (const item of items) yield item
        yield fail(Gone({ at: 2 }))
      },
    })
    expect(await readAll(opened(await call(stand.client.down, undefined)))).toEqual([ok('a'), fail(Gone({ at: 1 }))])
    const echoed = opened(await call(stand.client.both, stream(three()) as never))
    expect(await readAll(echoed)).toEqual([ok('a'), ok('b'), ok('c'), fail(Gone({ at: 2 }))])
  })

  it('given an item that cannot be sent, when it comes, then the caller knows why, and the handler reads a failure and no end', async () => {
    const read: Outcome[] = []
    const take = async (items: AsyncIterable<Outcome>): Promise<Outcome> => {
      for await (const item of items) read.push(item)
      return ok(read.length)
    }
    await using stand = await open({ up: take, whole: take }, { limits: { message: 1_000 } })
    await using client = grpc.client(Suite, { address: stand.server.address, limits: { message: 1_000 } })
    async function* large(): AsyncGenerator<Outcome> {
      yield ok('a')
      await expect.poll(() => read.length).toBe(1)
      yield ok('x'.repeat(1_000))
    }
    expect(await call(client.up, stream(large()) as never)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    await expect.poll(() => read).toMatchObject([ok('a'), { left: { _tag: 'Cancelled' } }])
    async function* lossy(): AsyncGenerator<Outcome> {
      yield ok(1)
      await expect.poll(() => read.length).toBe(3)
      yield ok(2 ** 60)
    }
    const answer = await call(client.whole, stream(lossy()) as never)
    expect(answer).toMatchObject({
      left: {
        _tag: 'InvalidArgument',
        message: 'expected int64 that a number holds exactly, got another number',
      },
    })
  })

  it('given an item too large to answer, when the server makes it, then it is the last: resource_exhausted', async () => {
    await using stand = await open(
      {
        async *down() {
          yield ok('a')
          yield ok('x'.repeat(1_000))
        },
      },
      { limits: { message: 1_000 } },
    )
    const read = await readAll(opened(await call(stand.client.down, undefined)))
    expect(read).toMatchObject([ok('a'), { left: { code: 'resource_exhausted', tag: 'AnswerTooLarge' } }])
  })

  it('given a caller who gives up in the middle, then the last item is Cancelled, the source is closed, and the signal aborts', async () => {
    const log: string[] = []
    await using stand = await open({
      async *down(_, ctx) {
        ctx.signal.addEventListener('abort', () => log.push('told'))
        try {
          for (;;) {
            yield ok('a')
            await later(5)
          }
        } finally {
          log.push('closed')
        }
      },
    })
    const scope = withCancel(background())
    const read: Outcome[] = []
    for await (const item of opened<string>(await run(stand.client.down, undefined, scope.ctx)))
      if (read.push(item) === 2) scope.cancel()
    expect(read.at(-1)).toMatchObject({ left: { _tag: 'Cancelled' } })
    await expect.poll(() => log.toSorted()).toEqual(['closed', 'told'])
    await expect.poll(() => stand.server.inFlight).toBe(0)
  })

  it('given a server that goes in the middle, when its items are read, then the last is `unavailable`', async () => {
    await using stand = await open({
      async *down() {
        yield ok('a')
        await new Promise(() => {})
      },
    })
    const read: Outcome[] = []
    for await (const item of opened<string>(await call(stand.client.down, undefined)))
      if (read.push(item) === 1) void stand.server[Symbol.asyncDispose]()
    expect(read).toMatchObject([ok('a'), { left: { code: 'unavailable' } }])
  })

  it('given time limits for items around a client, when the source is slow, then the last item is DeadlineExceeded, and the source is told', async () => {
    let told = false
    await using stand = await open({
      async *down(_, { signal }) {
        yield ok('a')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        told = true
      },
    })
    const limited = streamTimeout({ first: 5_000, between: 50 })(stand.client.down)
    const read = await readAll(opened(await call(limited, undefined)))
    expect(read).toMatchObject([ok('a'), { left: { _tag: 'DeadlineExceeded' } }])
    await expect.poll(() => told).toBe(true)
    await expect.poll(() => stand.server.inFlight).toBe(0)
  })
})
