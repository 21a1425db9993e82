// A server whose own limits are short, and what passes through it that takes longer: real seconds, because they are Node's.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { endpoint, ok } from '@tenon/endpoint'
import { expect, it } from 'vitest'
import { dial } from '../../test/peer.ts'
import { http } from '../index.ts'
import { proxy } from './proxy.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

it('when a server allows less silence and less time than a stream or an upload takes, then through a proxy they live on', {
  timeout: 60_000,
}, async () => {
  const back = createServer((req, res) => {
    if (req.method === 'GET') {
      res.write('data: 1\n\n')
      setTimeout(() => res.end('data: 2\n\n'), 8_000)
    } else void req.toArray().then((chunks) => res.end(String(Buffer.concat(chunks).length)))
  })
  await new Promise<void>((resolve) => back.listen(0, '127.0.0.1', resolve))
  await using through = proxy({ url: `http://127.0.0.1:${(back.address() as AddressInfo).port}` })
  const own = http.server(
    endpoint(async () => ok('x')),
    { decode: http.noInput, limits: { bodyTimeout: 60_000 } },
  )
  // Its sockets may be silent for 5,002 ms, and its requests take 5,101.
  await using front = await http.serve([], {
    limits: { request: 1, bodyTimeout: 1, headersTimeout: 100 },
    routes: { '* /*': through, 'POST /own': own },
    grace: 0,
  })
  const stream = async (): Promise<string> => {
    const client = dial(front.url)
    await client.write('GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    return client.closed()
  }
  const upload = async (path: string): Promise<string> => {
    const client = dial(front.url)
    await client.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\nconnection: close\r\n\r\n`)
    for (const byte of 'abcdefgh') {
      await pause(1_000)
      if (client.socket.writable) await client.write(byte)
    }
    return client.closed()
  }
  const [streamed, uploaded, refused] = await Promise.all([stream(), upload('/x'), upload('/own')])
  expect(streamed).toMatch(/data: 1\n\n\r\n.*data: 2\n\n\r\n0\r\n\r\n$/s)
  expect(uploaded).toMatch(/^HTTP\/1.1 200 .*\r\n\r\n8$/s)
  // What the server reads itself is bound by its own limits, as it was.
  expect(refused).toMatch(/^HTTP\/1.1 4\d\d /)
  back.closeAllConnections()
  back.close()
})

it('when a connection was used for a stream, then the server watches its silence again', {
  timeout: 60_000,
}, async () => {
  const back = createServer((_, res) => res.end('x'.repeat(30_000_000)))
  await new Promise<void>((resolve) => back.listen(0, '127.0.0.1', resolve))
  await using through = proxy({
    url: `http://127.0.0.1:${(back.address() as AddressInfo).port}`,
    limits: { idle: 2_000 },
  })
  await using front = await http.serve([], { routes: { '* /*': through }, grace: 0 })
  const client = dial(front.url)
  client.socket.pause()
  await client.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n')
  await expect.poll(() => front.inFlight).toBe(1)
  // A client that does not read is nothing that moves.
  await expect.poll(() => front.inFlight, { timeout: 10_000, interval: 100 }).toBe(0)
  client.socket.destroy()
  back.closeAllConnections()
  back.close()
})
