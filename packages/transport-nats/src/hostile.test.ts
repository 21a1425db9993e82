// What a stranger on the same NATS server may send: each is refused or ignored, others are served on, and memory stays.
import { contract, duplex, handler, implement, unary } from '@tenon/contract'
import { call, ok, type Telemetry } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, fresh, generations, server as url } from '../test/clients.ts'
import { nats, type Running } from './index.ts'

const Echo = contract('test.hostile.v1.Echo', {
  echo: unary({ input: t.strict({ text: t.string }), output: t.string }),
  chat: duplex({ input: t.number, output: t.number }),
})
const echo = implement(Echo, {
  echo: handler(Echo.methods.echo, async ({ text }) => {
    await new Promise((resolve) => setImmediate(resolve))
    return ok(text)
  }),
  chat: handler(Echo.methods.chat, async function* (items) {
    for await (const item of items) if (item._tag === 'Right') yield item
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

  it('given a request whose reply subject is the service itself, then it does not call itself for ever', async () => {
    stranger.publish(`${base}.echo`, '{"text":"x"}', { reply: `${base}.echo` })
    await stranger.flush()
    await stillServed()
  })

  it('given a header bomb, then it is refused and reported, and the next caller is served', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`x-${n}`, 'y']))
    stranger.publish(`${base}.echo`, '{"text":"x"}', { headers: headers(many), reply: '_INBOX.x.2' })
    await expect
      .poll(() => reported.some((one) => one.kind === 'server.rejected' && one.reason === 'too-many-headers'))
      .toBe(true)
    await stillServed()
  })

  it('given 10,000 requests at once in one queue group, then what is beyond the limit is refused at once, nothing is lost, and memory stays', async () => {
    const before = process.memoryUsage().rss
    const client = nats.client(Echo, { connection: stranger, prefix })
    const tally = new Map<string, number>()
    for (let round = 0; round < 5; round++) {
      const calls = Array.from({ length: 2_000 }, () =>
        call(client.echo, { text: 'x'.repeat(500) }, { timeout: 15_000 }),
      )
      for (const outcome of await Promise.all(calls)) {
        const what =
          outcome._tag === 'Right' ? 'answered' : ((outcome.left as { tag?: string }).tag ?? outcome.left._tag)
        tally.set(what, (tally.get(what) ?? 0) + 1)
      }
    }
    expect([...tally.keys()].every((what) => what === 'answered' || what === 'TooBusy')).toBe(true)
    expect([...tally.values()].reduce((sum, n) => sum + n, 0)).toBe(10_000)
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(300)
    await stillServed()
  })
})
