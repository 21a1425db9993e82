// A contract's client does not see that a proxy is between it and its server, and bodies come through byte by byte.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { type Context, call, fail, ok } from '@tenon/endpoint'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dial, listening } from '../../test/peer.ts'
import { type Client, http } from '../index.ts'
import type { Running } from '../running.ts'
import { proxy, type ReverseProxy } from './proxy.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string, left: t.number }))
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({
    input: t.strict({ sku: t.string, note: t.string }),
    output: t.strict({ id: t.string, note: t.string }),
    failures: [OutOfStock],
    http: 'POST /v1/orders',
  }),
  find: unary({ input: t.strict({ id: t.string, q: t.string }), output: t.string, http: 'GET /v1/orders/{id}' }),
  late: unary({ input: t.strict({}), output: t.number }),
  broken: unary({ input: t.strict({}), output: t.number }),
})

describe('given a contract, its client, a proxy and its server', () => {
  let back: Running
  let through: ReverseProxy
  let front: Running
  let client: Client<typeof Orders>
  let direct: Client<typeof Orders>
  const seen: Context[] = []
  beforeAll(async () => {
    back = await http.serve(
      implement(Orders, {
        place: handler(Orders.methods.place, async ({ sku, note }, ctx) => {
          seen.push(ctx)
          return sku === 'oak' ? ok({ id: '1', note }) : fail(OutOfStock({ sku, left: 3 }))
        }),
        find: handler(Orders.methods.find, async ({ id, q }) => ok(`${id}|${q}`)),
        late: handler(Orders.methods.late, (_, ctx) => {
          seen.push(ctx)
          return new Promise<never>(() => {})
        }),
        broken: handler(Orders.methods.broken, async () => {
          throw new Error('secret')
        }),
      }),
      { grace: 0, onTelemetry: () => {} },
    )
    through = proxy({ url: back.url })
    front = await http.serve([], { routes: { '* /*': through }, grace: 0 })
    client = http.client(Orders, { url: front.url })
    direct = http.client(Orders, { url: back.url })
  })
  afterAll(async () => {
    for (const one of [client, direct, front, through, back]) await one[Symbol.asyncDispose]()
  })

  it('when any text is sent in body, path and query, then it comes back as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        async (note, id) => {
          fc.pre(note.isWellFormed() && !/^\.{1,2}$/.test(id))
          expect(await call(client.place, { sku: 'oak', note })).toEqual(ok({ id: '1', note }))
          // Dots between escaped slashes are the one thing that a proxy does not pass on.
          if (/(?:^|[/\\])\.{1,2}(?:$|[/\\;])/.test(id)) return
          expect(await call(client.find, { id, q: note })).toEqual(await call(direct.find, { id, q: note }))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('when a declared failure comes back, then it is typed as ever', async () => {
    const outcome = await call(client.place, { sku: 'ash', note: '' })
    expect(outcome).toEqual(fail(OutOfStock({ sku: 'ash', left: 3 })))
  })

  it('when a handler breaks, then the client hears the same as without a proxy', async () => {
    expect(await call(client.broken, {})).toEqual(await call(direct.broken, {}))
  })

  it('when the input is wrong, then the client hears where', async () => {
    const wrong = { sku: 7, note: '' } as never
    expect(await call(client.place, wrong)).toEqual(await call(direct.place, wrong))
  })

  it('when the time is up, then it ends at the server as well', async () => {
    seen.length = 0
    const outcome = await call(client.late, {}, { timeout: 120 })
    expect(outcome).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await expect.poll(() => seen[0]?.signal.aborted).toBe(true)
    expect(front.inFlight).toBe(0)
  })

  it('when metadata is set, then the server has it', async () => {
    seen.length = 0
    await call(client.place, { sku: 'oak', note: '' }, { metadata: { 'x-tenant': 'acme' } })
    expect(seen[0]?.metadata.get('x-tenant')).toBe('acme')
  })

  it('when the server is gone, then the client hears Unavailable', async () => {
    await using lost = proxy({ url: 'http://127.0.0.1:9' })
    await using before = await http.serve([], { routes: { '* /*': lost }, grace: 0 })
    await using calling = http.client(Orders, { url: before.url })
    const outcome = await call(calling.place, { sku: 'oak', note: '' })
    expect(outcome).toMatchObject({ left: { _tag: 'Unavailable', code: 'unavailable' } })
  })
})

describe('given bodies of any bytes, in pieces of any size', () => {
  it('they come through as they are, both ways, in chunks or with a length', async () => {
    const back = createServer((req, res) => {
      const { headers } = req
      if (headers['x-length'] === 'yes' && headers['content-length'] !== undefined)
        res.setHeader('content-length', headers['content-length'])
      req.pipe(res)
    })
    await new Promise<void>((resolve) => back.listen(0, '127.0.0.1', resolve))
    await using through = proxy({ url: `http://127.0.0.1:${(back.address() as AddressInfo).port}` })
    await using front = await http.serve([], { routes: { '* /*': through }, grace: 0 })
    const pieces = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), fc.boolean(), async (parts, chunked, length) => {
        const body = Buffer.concat(parts)
        const client = dial(front.url)
        await client.write(
          `POST /x HTTP/1.1\r\nhost: a\r\nx-length: ${length ? 'yes' : 'no'}\r\nconnection: close\r\n${
            chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`
          }\r\n\r\n`,
        )
        for (const part of parts) {
          if (part.length === 0) continue
          if (chunked) await client.write(`${part.length.toString(16)}\r\n`)
          await client.write(Buffer.from(part))
          if (chunked) await client.write('\r\n')
        }
        if (chunked) await client.write('0\r\n\r\n')
        const text = await client.closed()
        const [head = '', rest = ''] = [
          text.slice(0, text.indexOf('\r\n\r\n')),
          text.slice(text.indexOf('\r\n\r\n') + 4),
        ]
        const got = /transfer-encoding: chunked/i.test(head) ? unchunked(rest) : rest
        expect(Buffer.from(got, 'latin1').equals(body)).toBe(true)
      }),
      { numRuns: 100 },
    )
    back.closeAllConnections()
    back.close()
  })

  it('when a stream has pauses, then each of its items is there before the next one', async () => {
    let say: (text: string) => void = () => {}
    await using back = await listening(async (peer) => {
      await peer.until(/\r\n\r\n/)
      await peer.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
      say = (text) => void peer.write(`${text.length.toString(16)}\r\n${text}\r\n`)
    })
    await using through = proxy({ url: back.url })
    await using front = await http.serve([], { routes: { '* /*': through }, grace: 0 })
    const client = dial(front.url)
    await client.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n')
    // The head comes before any of them.
    await client.until(/text\/event-stream\r\n.*\r\n\r\n$/s)
    for (const n of ['1', '2', '3']) {
      say(`data: ${n}\n\n`)
      await client.until(new RegExp(`data: ${n}\n\n\r\n$`))
    }
    client.socket.destroy()
  })
})

function unchunked(text: string): string {
  let [rest, out] = [text, '']
  for (;;) {
    const end = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, end), 16)
    if (size === 0) return out
    out += rest.slice(end + 2, end + 2 + size)
    rest = rest.slice(end + 4 + size)
  }
}
