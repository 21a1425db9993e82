// What a stranger on the same NATS server may send, on both clients; all of it, with what it costs: test/hostile.
import { contract, duplex, handler, implement, serverStream, unary } from '@tenon/contract'
import { call, ok, type Telemetry } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, fresh, generations, server as url } from '../test/clients.ts'
import { type NatsMessage, nats, type Running } from './index.ts'

const Echo = contract('test.hostile.v1.Echo', {
  echo: unary({ input: t.strict({ text: t.string }), output: t.string }),
  chat: duplex({ input: t.number, output: t.number }),
  flood: serverStream({ input: t.void, output: t.string }),
})
const echo = implement(Echo, {
  echo: handler(Echo.methods.echo, async ({ text }) => {
    await new Promise((resolve) => setImmediate(resolve))
    return ok(text)
  }),
  chat: handler(Echo.methods.chat, async function* (items) {
    for await (const item of items) if (item._tag === 'Right') yield item
  }),
  flood: handler(Echo.methods.flood, async function* () {
    for (;;) yield ok('x')
  }),
})

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  const prefix = fresh()
  const base = `${prefix}.test.hostile.v1.Echo`
  let connection: Connection
  let stranger: Connection
  let server: Running
  const reported: Telemetry[] = []
  beforeAll(async () => {
    connection = await connect({ servers: url as string })
    stranger = await connect({ servers: url as string })
    const onTelemetry = (event: Telemetry): void => void reported.push(event)
    server = await nats.serve(echo, { connection, prefix, limits: { concurrent: 20 }, grace: 100, onTelemetry })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await Promise.all([connection.close(), stranger.close()])
  })
  const headers = (lines: Readonly<Record<string, string>>): { encode(): Uint8Array } => ({
    encode: () =>
      Buffer.from(
        `NATS/1.0\r\n${Object.entries(lines)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}\r\n`,
      ),
  })
  const stillServed = async (): Promise<void> => {
    const client = nats.client(Echo, { connection: stranger, prefix })
    await expect.poll(() => call(client.echo, { text: 'hello' })).toEqual(ok('hello'))
    await expect.poll(() => server.inFlight).toBe(0)
  }

  it('given bodies and headers of any bytes, then each is answered or ignored, and the next caller is served', async () => {
    const name = fc.constantFrom(
      'tenon-stream',
      'tenon-seq',
      'tenon-credit',
      'request-timeout-ms',
      'Nats-Service-Error',
      '__proto__',
      'x',
    )
    const value = fc.oneof(
      fc.constantFrom('item', 'open', 'end', 'cancel', 'accept', '0', '-1', '1e9', '9'.repeat(40)),
      fc.string({ unit: 'grapheme-ascii' }),
    )
    const message = fc.record({
      method: fc.constantFrom('echo', 'chat', 'none', 'callers.left'),
      body: fc.uint8Array({ maxLength: 200 }),
      lines: fc.dictionary(name, value, { maxKeys: 4 }),
      reply: fc.constantFrom(undefined, '_INBOX.x.1', `${base}.echo`),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
        for (const { method, body, lines, reply } of messages)
          stranger.publish(`${base}.${method}`, body, {
            headers: headers(lines),
            ...(reply !== undefined && { reply }),
          })
        await stranger.flush()
      }),
      { numRuns: 30 },
    )
    await stillServed()
  })

  it.each(['$JS.API.STREAM.DELETE.orders', '$SRV.PING', '_INBOX.*', '>', `${base}.echo`, `${base}.events.placed`])(
    'given a request whose answer would go to %s, then it is not handled, the operator hears of it, and nobody else does',
    async (reply) => {
      const heard: string[] = []
      const hears = stranger.subscribe(base, { callback: (_, { subject }) => void heard.push(subject) })
      reported.length = 0
      stranger.publish(`${base}.echo`, '{"text":"x"}', { reply })
      await stranger.flush()
      await expect
        .poll(() => reported.map((one) => (one.kind === 'server.rejected' ? one.reason : one.kind)))
        .toEqual(['bad-reply'])
      await stillServed()
      expect(heard).toEqual([])
      hears.unsubscribe()
    },
  )

  it('given a caller who grants more credit than there is time, then others are served meanwhile, and its end is heard', async () => {
    const came: NatsMessage[] = []
    const inbox = stranger.subscribe('_INBOX.greedy', { callback: (_, message) => void came.push(message) })
    stranger.publish(`${base}.flood`, '', {
      reply: '_INBOX.greedy',
      headers: headers({ 'tenon-credit': '999999999999999' }),
    })
    await expect.poll(() => came.length).toBeGreaterThan(100)
    const client = nats.client(Echo, { connection: stranger, prefix })
    expect(await call(client.echo, { text: 'hello' })).toEqual(ok('hello'))
    inbox.unsubscribe()
    await stillServed()
  })

  it('given a megabyte of header names, then it is refused before it is read: they would hold the thread for minutes', async () => {
    const many = Object.fromEntries(Array.from({ length: 80_000 }, (_, n) => [`x-${n}`, 'y']))
    const start = performance.now()
    stranger.publish(`${base}.echo`, '{"text":"x"}', { headers: headers(many), reply: '_INBOX.x.2' })
    await expect
      .poll(() => reported.some((one) => one.kind === 'server.rejected' && one.reason === 'too-many-headers'))
      .toBe(true)
    await stillServed()
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})
