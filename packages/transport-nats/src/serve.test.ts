// Contracts on NATS: subjects, what others see of them, limits, and hostile messages; on both generations of clients.
import { contract, handler, implement, serverStream, unary } from '@tenon/contract'
import { call, fail, ok, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type Connection, fresh, generations, header, server as url } from '../test/clients.ts'
import { nats, type ServeOptions } from './index.ts'

const Stock = contract('shop.stock.v1.Stock', {
  take: unary({ input: t.strict({ sku: t.string, qty: t.number }), output: t.strict({ left: t.number }) }),
  hang: unary({ input: t.void, output: t.void }),
  watch: serverStream({ input: t.void, output: t.number }),
})

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  let connection: Connection
  const open: AsyncDisposable[] = []
  const reported: Telemetry[] = []
  let ended: unknown[] = []
  beforeAll(async () => {
    connection = await connect({ servers: url as string })
  })
  afterAll(async () => {
    for (const one of open) await one[Symbol.asyncDispose]()
    await connection.close()
  })

  const stock = implement(Stock, {
    take: handler(Stock.methods.take, async ({ qty }) => ok({ left: 10 - qty })),
    hang: handler(Stock.methods.hang, async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      ended.push('told')
      return fail({ _tag: 'Unavailable', code: 'unavailable', message: 'told' } as const)
    }),
    watch: handler(Stock.methods.watch, async function* (_, { signal }) {
      for (let n = 0; !signal.aborted; n++) {
        yield ok(n)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      ended.push('watched')
    }),
  })
  const start = async (options: Partial<ServeOptions> = {}): Promise<string> => {
    const prefix = fresh()
    ended = []
    const onTelemetry = (event: Telemetry): void => void reported.push(event)
    open.push(await nats.serve(stock, { connection, prefix, onTelemetry, discoverable: false, grace: 50, ...options }))
    return prefix
  }
  const ask = (subject: string, body = '', options = { timeout: 2_000 }) => connection.request(subject, body, options)

  it('given a contract, when any NATS client asks at <contract>.<method>, then it is answered in JSON', async () => {
    const prefix = await start()
    const reply = await ask(`${prefix}.shop.stock.v1.Stock.take`, '{"sku":"oak","qty":3}')
    expect([bodyOf(reply), reply.headers]).toEqual(['{"left":7}', undefined])
  })

  it.each([
    ['{"sku":"oak"}', '400', 'invalid_argument'],
    ['{"sku":', '400', 'invalid_argument'],
    ['{"sku":"a","qty":1,"__proto__":{}}', '400', 'invalid_argument'],
    ['{"sku":"a","qty":1e999}', '400', 'invalid_argument'],
    ['['.repeat(100_000), '400', 'invalid_argument'],
    ['', '400', 'invalid_argument'],
  ])('given the body %.40s, then it is refused in words, with %s', async (body, status, code) => {
    const prefix = await start()
    const reply = await ask(`${prefix}.shop.stock.v1.Stock.take`, body)
    expect(header(reply, 'Nats-Service-Error-Code')).toBe(status)
    expect(JSON.parse(bodyOf(reply))).toMatchObject({ code })
  })

  it('given a method that there is not, then the reply says so, and it is reported', async () => {
    const prefix = await start()
    const reply = await ask(`${prefix}.shop.stock.v1.Stock.burn`)
    expect(header(reply, 'Nats-Service-Error-Code')).toBe('501')
    expect(reported.at(-1)).toMatchObject({ kind: 'server.rejected', transport: 'nats', reason: 'no-method' })
  })

  it('given more calls than may run, then further ones are refused at once, and the others go on', async () => {
    const prefix = await start({ limits: { concurrent: 2 } })
    const client = nats.client(Stock, { connection, prefix })
    const running = [call(client.hang, undefined, { timeout: 300 }), call(client.hang, undefined, { timeout: 300 })]
    const flood = await Promise.all(Array.from({ length: 200 }, () => call(client.take, { sku: '', qty: 1 })))
    for (const outcome of flood)
      expect(outcome).toMatchObject({ left: { code: 'unavailable', tag: 'TooBusy', retryAfter: 1_000 } })
    for (const outcome of await Promise.all(running))
      expect(outcome).toMatchObject({ left: { code: 'deadline_exceeded' } })
    await expect.poll(() => call(client.take, { sku: '', qty: 1 })).toEqual(ok({ left: 9 }))
  })

  it('given limits of a body, of headers and of NATS itself, then what is beyond is refused by name', async () => {
    const prefix = await start({ limits: { body: 100, headers: 2 } })
    const client = nats.client(Stock, { connection, prefix })
    expect(await call(client.take, { sku: 'x'.repeat(200), qty: 1 })).toMatchObject({ left: { tag: 'BodyTooLarge' } })
    const metadata = { a: '1', b: '2', c: '3' }
    expect(await call(client.take, { sku: '', qty: 1 }, { metadata })).toMatchObject({
      left: { tag: 'HeadersTooLarge' },
    })
    expect(await call(client.take, { sku: 'x'.repeat(2_000_000), qty: 1 })).toMatchObject({
      left: { _tag: 'InvalidArgument', issues: [{ expected: expect.stringContaining('1048576 bytes') }] },
    })
  })

  it.each([
    ['a: b', 'x'],
    ['x-y', 'a\r\nNats-Service-Error: forged'],
    ['x-y', 'ünï'],
    ['tenon-stream', 'end'],
    ['nats-service-error', 'x'],
    ['request-timeout-ms', '1'],
  ])('given metadata %j: %j, then it is refused, and nothing is sent', async (name, value) => {
    const prefix = await start()
    const client = nats.client(Stock, { connection, prefix })
    const outcome = await call(client.take, { sku: '', qty: 1 }, { metadata: { [name]: value } })
    expect(outcome).toMatchObject({ left: { _tag: 'InvalidArgument', issues: [{ path: `metadata.${name}` }] } })
  })

  it('given a caller that leaves, then the handler is told, and by a stranger who does not know its inbox it is not', async () => {
    const prefix = await start()
    const client = nats.client(Stock, { connection, prefix })
    const giveUp = new AbortController()
    const outcome = call(client.hang, undefined, { signal: giveUp.signal })
    connection.publish(`${prefix}.shop.stock.v1.Stock.callers.left`, '_INBOX.forged.1')
    await connection.flush()
    expect(ended).toEqual([])
    giveUp.abort()
    expect(await outcome).toMatchObject({ left: { _tag: 'Cancelled' } })
    await expect.poll(() => ended).toEqual(['told'])
  })

  it('given two calls with one reply subject, when their caller leaves, then both handlers are told', async () => {
    const prefix = await start()
    const reply = `_INBOX.${prefix}`
    for (let n = 0; n < 2; n++) connection.publish(`${prefix}.shop.stock.v1.Stock.hang`, '', { reply })
    connection.publish(`${prefix}.shop.stock.v1.Stock.callers.left`, reply)
    await expect.poll(() => ended).toEqual(['told', 'told'])
  })

  it('given a reader of a stream whose connection is gone, then NATS says so, and the source is closed', async () => {
    const prefix = await start()
    const own = await connect({ servers: url as string })
    const opened = await call(nats.client(Stock, { connection: own, prefix }).watch, undefined)
    const items = opened._tag === 'Right' ? opened.right[Symbol.asyncIterator]() : expect.fail('it did not open')
    for (let n = 0; n < 20; n++) await items.next()
    const closed = own.close()
    // What had come before that is still read.
    let last = await items.next()
    while (!last.done && last.value._tag === 'Right') last = await items.next()
    await closed
    expect(last.value).toMatchObject({ left: { _tag: 'Unavailable' } })
    await expect.poll(() => ended, { timeout: 5_000 }).toEqual(['watched'])
  })

  it('given messages of a stream that are missing, forged or more than asked for, then the reader has a failure and no gap', async () => {
    const prefix = fresh()
    const forge = async (seqs: readonly string[]): Promise<unknown[]> => {
      const fake = connection.subscribe(`${prefix}.shop.stock.v1.Stock.watch`, {
        callback: (_, { reply }) => {
          const send = (kind: string, seq: string): void =>
            connection.publish(reply as string, '7', {
              headers: { encode: () => Buffer.from(`NATS/1.0\r\ntenon-stream: ${kind}\r\ntenon-seq: ${seq}\r\n\r\n`) },
            })
          send('open', '0')
          for (const seq of seqs) send('item', seq)
        },
      })
      const opened = await call(nats.client(Stock, { connection, prefix }).watch, undefined, { timeout: 1_000 })
      const read: unknown[] = []
      if (opened._tag === 'Right') for await (const item of opened.right) read.push(item)
      fake.unsubscribe()
      return read
    }
    const lost = { left: { _tag: 'Unavailable', message: 'messages of the stream were lost' } }
    expect(await forge(['1', '3'])).toMatchObject([ok(7), lost])
    expect(await forge(['1', 'many'])).toMatchObject([ok(7), lost])
    expect(await forge(['1', '1', '2', '4'])).toMatchObject([ok(7), ok(7), lost])
  })

  it('given a service, when the services protocol is asked by name or of all, then it has PING, INFO and STATS', async () => {
    const prefix = await start({ discoverable: true, version: '1.2.3', queue: 'stock', metadata: { team: 'blue' } })
    const client = nats.client(Stock, { connection, prefix })
    await call(client.take, { sku: '', qty: 1 })
    await call(client.take, { sku: 1 as never, qty: 1 })
    const name = 'shop-stock-v1-Stock'
    const read = async (subject: string): Promise<Record<string, unknown>> => JSON.parse(bodyOf(await ask(subject)))
    const ping = await read(`$SRV.PING.${name}`)
    const { id } = ping
    const self = { name, id, version: '1.2.3', metadata: { contract: 'shop.stock.v1.Stock', team: 'blue' } }
    expect(ping).toEqual({ type: 'io.nats.micro.v1.ping_response', ...self })
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(await read(`$SRV.PING.${name}.${id}`)).toEqual(ping)
    const endpoint = (method: string) => ({
      name: method,
      subject: `${prefix}.shop.stock.v1.Stock.${method}`,
      queue_group: 'stock',
    })
    expect(await read(`$SRV.INFO.${name}.${id}`)).toEqual({
      type: 'io.nats.micro.v1.info_response',
      ...self,
      description: expect.any(String),
      endpoints: ['take', 'hang', 'watch'].map((method) => ({ ...endpoint(method), metadata: {} })),
    })
    const unused = { num_requests: 0, num_errors: 0, last_error: '', processing_time: 0, average_processing_time: 0 }
    const stats = (await read(`$SRV.STATS.${name}.${id}`)) as { started: string; endpoints: (typeof unused)[] }
    const [take] = stats.endpoints
    expect(stats).toEqual({
      type: 'io.nats.micro.v1.stats_response',
      ...self,
      started: new Date(stats.started).toISOString(),
      endpoints: [
        {
          ...endpoint('take'),
          num_requests: 2,
          num_errors: 1,
          last_error: expect.stringMatching(/^invalid_argument: /),
          // Nanoseconds, as all times of the protocol.
          processing_time: expect.any(Number),
          average_processing_time: expect.any(Number),
        },
        { ...endpoint('hang'), ...unused },
        { ...endpoint('watch'), ...unused },
      ],
    })
    const { processing_time: all = 0, average_processing_time: each = 0 } = take ?? {}
    expect(all).toBeGreaterThan(1_000)
    expect(Math.abs(all / 2 - each)).toBeLessThanOrEqual(1)
    expect((await read('$SRV.PING')).type).toBe('io.nats.micro.v1.ping_response')
  })

  it('given two servers of a contract, when all are asked, then each answers for itself, until it has drained', async () => {
    const metadata = { pair: fresh() }
    await start({ discoverable: true, metadata })
    await start({ discoverable: true, metadata })
    const name = 'shop-stock-v1-Stock'
    const heard: string[] = []
    const inbox = `_INBOX.${fresh()}`
    const listening = connection.subscribe(inbox, {
      callback(_, message) {
        const told = JSON.parse(bodyOf(message)) as {
          readonly id: string
          readonly metadata: { readonly pair?: string }
        }
        if (told.metadata.pair === metadata.pair) heard.push(told.id)
      },
    })
    connection.publish(`$SRV.PING.${name}`, '', { reply: inbox })
    await expect.poll(() => new Set(heard).size).toBe(2)
    await open.pop()?.[Symbol.asyncDispose]()
    heard.length = 0
    connection.publish(`$SRV.PING.${name}`, '', { reply: inbox })
    await expect.poll(() => heard).toHaveLength(1)
    await ask(`$SRV.PING.${name}.${heard[0]}`)
    expect(heard).toHaveLength(1)
    listening.unsubscribe()
  })

  it('given one contract twice, or a version that is none, then it is a TypeError', async () => {
    await expect(nats.serve([stock, stock], { connection })).rejects.toThrow(/is given twice/)
    await expect(nats.serve(stock, { connection, version: 'new' })).rejects.toThrow(/version/)
    await expect(nats.serve(stock, { connection, prefix: '>' })).rejects.toThrow(/prefix/)
  })

  it('given nothing to serve, or a contract where its implementation goes, then a TypeError says what to pass', async () => {
    for (const none of [[], undefined, Stock, [stock, undefined]])
      await expect(nats.serve(none as never, { connection })).rejects.toThrow(
        /nothing to serve: pass what implement\(Contract/,
      )
  })
})
