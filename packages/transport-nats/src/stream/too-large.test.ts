// Answers and items that are larger than NATS takes: both sides hear of it, and nobody is told to try again.
import { clientStream, contract, duplex, handler, implement, serverStream, unary, unavailable } from '@tenon/contract'
import { call, fail, type Outcome, ok, stream, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, fresh, generations, server as url } from '../../test/clients.ts'
import { nats, type Running } from '../index.ts'

const Wide = contract('test.wide.v1.Wide', {
  whole: unary({ input: t.void, output: t.string }),
  down: serverStream({ input: t.string, output: t.string }),
  up: clientStream({ input: t.string, output: t.number }),
  both: duplex({ input: t.string, output: t.string }),
})
const large = 'x'.repeat(2_000_000)
const sizes = /1048576 bytes.* 2000\d{3} bytes/

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  let connection: Connection
  let server: Running
  let reported: Telemetry[] = []
  let log: string[] = []
  let read: Outcome[] = []
  const prefix = fresh()
  const unsent = (): unknown[] =>
    reported.map((event) => (event.kind === 'server.rejected' ? [event.reason, event.failure._tag] : event.kind))

  const wide = implement(Wide, {
    whole: handler(Wide.methods.whole, async () => ok(large)),
    down: handler(Wide.methods.down, async function* (what) {
      try {
        yield ok('a')
        if (what === 'failure') yield fail(unavailable(large))
        for (;;) yield ok(large)
      } finally {
        log.push('closed')
      }
    }),
    // One that does not mind how its input ends.
    up: handler(Wide.methods.up, async (items) => {
      for await (const item of items) read.push(item)
      return ok(read.length)
    }),
    both: handler(Wide.methods.both, async function* (items) {
      for await (const item of items) {
        read.push(item)
        if (item._tag === 'Right') yield item
      }
    }),
  })
  beforeAll(async () => {
    connection = await connect({ servers: url as string })
    server = await nats.serve(wide, { connection, prefix, onTelemetry: (event) => void reported.push(event) })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await connection.close()
  })
  const start = () => {
    reported = []
    log = []
    read = []
    return nats.client(Wide, { connection, prefix })
  }
  const source = () =>
    stream(
      (async function* () {
        try {
          yield ok('a')
          for (;;) yield ok(large)
        } finally {
          log.push('closed')
        }
      })(),
    )
  const all = async (items: AsyncIterable<Outcome>): Promise<Outcome[]> => {
    const got: Outcome[] = []
    for await (const item of items) got.push(item)
    return got
  }
  const invalid = {
    _tag: 'Left',
    left: { _tag: 'InvalidArgument', code: 'invalid_argument', message: expect.stringMatching(sizes) },
  }

  it('given an answer that is too large, then the failure has both sizes', async () => {
    expect(await call(start().whole, undefined)).toMatchObject({
      left: { code: 'internal', tag: 'AnswerTooLarge', message: expect.stringMatching(sizes) },
    })
  })

  it.each(['item', 'failure'])(
    'given a stream whose second %s is too large, then the last item says so with both sizes, the source is closed, and the operator hears of it',
    async (what) => {
      const opened = await call(start().down, what)
      expect(await all(opened._tag === 'Right' ? opened.right : expect.fail('it did not open'))).toMatchObject([
        ok('a'),
        { left: { code: 'internal', tag: 'AnswerTooLarge', message: expect.stringMatching(sizes) } },
      ])
      await expect.poll(() => [log, server.inFlight]).toEqual([['closed'], 0])
      expect(unsent()).toEqual([['answer-not-sent', 'AnswerTooLarge']])
    },
  )

  it('given an input whose second item is too large, then the handler reads why it ends, and the caller hears it whatever the handler answers', async () => {
    expect(await call(start().up, source(), { timeout: 5_000 })).toMatchObject(invalid)
    await expect.poll(() => [log, server.inFlight]).toEqual([['closed'], 0])
    expect(read).toMatchObject([ok('a'), invalid])
  })

  it('given a conversation whose second item is too large, then the last that its caller reads says so, and the source is closed', async () => {
    const opened = await call(start().both, source(), { timeout: 5_000 })
    // Whether the first item has come back by then is a matter of who was faster.
    const got = opened._tag === 'Right' ? await all(opened.right) : [opened]
    expect(got.at(-1)).toMatchObject(invalid)
    await expect.poll(() => [log, server.inFlight]).toEqual([['closed'], 0])
  })
})
