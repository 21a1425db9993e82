// Bodies that are taken where Node hands them over, and those that stay streams.
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { endpoint, ok } from '@tenon/endpoint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeJson } from './codec.ts'
import { Incoming } from './incoming.ts'
import type { RequestListener } from './listener.ts'
import { serve } from './serve.ts'
import { server } from './server.ts'

const length = server(
  endpoint((input: unknown) => ok(JSON.stringify(input).length)),
  { decode: decodeJson },
)
const streamed: RequestListener = (req, res) => {
  const seen: string[] = []
  req.on('data', (chunk: Buffer) => seen.push(`${chunk}`))
  req.on('end', () => res.end(`${seen.join('')}, ended: ${req.readableEnded}, ${req instanceof Incoming}`))
}

const text = 'x'.repeat(500_000)
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** Sends this on a connection and waits until it has answered so many times. */
function answered(socket: Socket, bytes: string, times: number): Promise<string> {
  socket.write(bytes)
  return new Promise((resolve, reject) => {
    let all = ''
    socket.on('data', (chunk) => {
      all += chunk
      if (all.split('HTTP/1.1 ').length > times && !all.endsWith('\r\n\r\n')) resolve(all)
    })
    socket.on('close', () => reject(new Error(`closed after ${all}`)))
  })
}

describe('a body', () => {
  let running: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    running = await serve([], { routes: { 'POST /length': length, 'POST /stream': streamed, 'GET /stream': streamed } })
  })
  afterAll(() => running[Symbol.asyncDispose]())
  const open = (): Socket => connect({ port: running.port, host: '127.0.0.1' })

  it('given a request for an endpoint, then idle connections hold nothing of it', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const sockets = Array.from({ length: 20 }, open)
    gc()
    const before = process.memoryUsage().arrayBuffers
    for (const socket of sockets) expect(await answered(socket, post('/length', `"${text}"`), 1)).toContain('500002')
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
    gc()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000)
    for (const socket of sockets) socket.destroy()
  })

  it('given a whole body, then Node takes the request for one that was read to its end', async () => {
    const seen: unknown[] = []
    const noting = server(
      endpoint(() => ok(1)),
      { decode: decodeJson, finalize: (_, { request: { raw } }) => seen.push([raw.readableEnded, raw.complete]) },
    )
    await using other = await serve([], { routes: { 'POST /note': noting, 'GET /note': noting } })
    const socket = connect({ port: other.port, host: '127.0.0.1' })
    await answered(socket, `${post('/note', '[1]')}GET /note HTTP/1.1\r\nhost: a\r\n\r\n`, 2)
    expect(seen).toEqual([
      [true, true],
      [true, true],
    ])
    socket.destroy()
  })

  it('given requests for endpoints and for functions of the user on one connection, then each gets its own', async () => {
    const socket = open()
    const requests = `${post('/length', '[1]')}${post('/stream', 'one')}${post('/length', '[1,2]')}GET /stream HTTP/1.1\r\nhost: a\r\n\r\n`
    const all = await answered(socket, requests, 4)
    expect(all.split('\r\n\r\n').map((part) => part.split('HTTP/1.1')[0])).toEqual([
      '',
      '3',
      expect.stringContaining('one, ended: true, true'),
      '5',
      expect.stringContaining(', ended: true, true'),
    ])
    socket.destroy()
  })

  it("given a server of somebody else's, then it is read as a stream", async () => {
    const own = createServer(length)
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
    const { port } = own.address() as AddressInfo
    const answer = await new Promise<string>((resolve, reject) => {
      const req = request({ port, method: 'POST', headers: { 'content-type': 'application/json' } }, (res) => {
        res.on('data', (chunk) => resolve(`${chunk}`))
      })
      req.on('error', reject)
      req.write('[1')
      setTimeout(() => req.end(',2]'), 20)
    })
    expect(answer).toBe('5')
    await new Promise((resolve) => own.close(resolve))
  })
})
