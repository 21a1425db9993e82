// Asking servers how they are, over real sockets.
import { createServer } from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import { contract, handler, implement, unary } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { grpc } from './index.ts'

const Orders = contract('shop.v1.Orders', { place: unary({ input: t.strict({}), output: t.strict({}) }) })
const orders = implement(Orders, { place: handler(Orders.methods.place, async () => ok({})) })
const signal = new AbortController().signal

describe('a probe of gRPC', () => {
  it('given a server that is ready and then not, when it is asked, then that is the answer, of it and of its service', async () => {
    let ready = true
    await using server = await grpc.serve(orders, { health: { ready: () => ready } })
    expect(await grpc.probe()(server, { signal })).toBe(true)
    expect(await grpc.probe({ service: 'shop.v1.Orders' })(server, { signal })).toBe(true)
    await expect(grpc.probe({ service: 'shop.v1.Other' })(server, { signal })).rejects.toThrow('NOT_FOUND')
    ready = false
    await expect(grpc.probe()(server, { signal })).rejects.toThrow('the server is NOT_SERVING')
    await expect(grpc.probe({ service: 'shop.v1.Orders' })(server, { signal })).rejects.toThrow(
      'shop.v1.Orders is NOT_SERVING',
    )
  })

  it('given a server without health, or nobody, when it is asked, then it is not well', async () => {
    const server = await grpc.serve(orders)
    await expect(grpc.probe()(server, { signal })).rejects.toThrow('UNIMPLEMENTED')
    await server[Symbol.asyncDispose]()
    await expect(grpc.probe()(server, { signal })).rejects.toThrow('ECONNREFUSED')
  })

  it('given one that never answers, or does not even speak, when the time is up, then the connection is closed', async () => {
    const http2 = createServer()
    const asked = new Promise<void>((resolve) => http2.on('stream', () => resolve()))
    const dumb = createTcp()
    for (const server of [http2, dumb]) {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
      const time = new AbortController()
      const refused = expect(grpc.probe()({ address }, { signal: time.signal })).rejects.toThrow('aborted')
      const socket = await connected
      const gone = new Promise((resolve) => socket.on('close', resolve))
      socket.on('error', () => {})
      if (server === dumb) socket.resume()
      if (server === http2) await asked
      time.abort()
      await refused
      await gone
      await new Promise((done) => server.close(done))
    }
  })

  it('given somebody who speaks otherwise, when it is asked, then it is not well', async () => {
    const http1 = createTcp((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    const http2 = createServer((_, response) => response.end('hello'))
    const refusing = createServer((_, response) => response.writeHead(503).end())
    const chatty = createServer((_, response) => response.end('x'.repeat(5_000)))
    for (const [server, why] of [
      [http1, ''],
      [http2, 'no gRPC'],
      [refusing, 'HTTP 503'],
      [chatty, 'too much'],
    ] as const) {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
      await expect(grpc.probe()({ address }, { signal })).rejects.toThrow(why)
      await new Promise((done) => server.close(done))
    }
  })

  it('given a signal that has aborted, when it is asked, then it does not even try', async () => {
    await expect(grpc.probe()({ address: '127.0.0.1:1' }, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  it.each([
    [{ service: 7 }, 'service is a name'],
    [{ tls: 'yes' }, 'tls is true or an object'],
    [{ timeout: 1 }, 'there is no option "timeout"'],
  ])('given %j, when it is made, then the field is named', (options, message) => {
    expect(() => grpc.probe(options as object)).toThrow(message)
  })
})
