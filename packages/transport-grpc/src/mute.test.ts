// A server that accepts and says nothing, as a process that was stopped: a client that is disposed lets go of it.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { contract, handler, implement, unary } from '@tenon/contract'
import { call, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { grpc } from './index.ts'

const Orders = contract('shop.v1.Orders', { place: unary({ input: t.strict({}), output: t.strict({}) }) })

describe('given a server that takes connections and says nothing', () => {
  it.each([
    ['in the clear', undefined],
    ['with TLS', true as const],
  ])('when a client is disposed, %s, then its connection is closed', async (_, tls) => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = grpc.client(Orders, { address, ...(tls && { tls }) })
    const answer = call(client.place, {}, { timeout: 50 })
    const socket = await connected
    const gone = new Promise((resolve) =>
      socket
        .on('error', () => {})
        .resume()
        .once('close', resolve),
    )
    expect(await answer).toMatchObject({ left: { code: 'deadline_exceeded' } })
    await client[Symbol.asyncDispose]()
    await gone
    await new Promise((done) => server.close(done))
  })

  it('when calls on a server that speaks are in flight, then disposing lets them end', async () => {
    let answer = (): void => {}
    let arrived = (): void => {}
    const there = new Promise<void>((resolve) => (arrived = resolve))
    const place = handler(Orders.methods.place, () => {
      arrived()
      return new Promise<ReturnType<typeof ok<object>>>((resolve) => (answer = () => resolve(ok({}))))
    })
    await using server = await grpc.serve(implement(Orders, { place }))
    const client = grpc.client(Orders, { address: server.address })
    const calling = call(client.place, {})
    await there
    await client[Symbol.asyncDispose]()
    answer()
    expect(await calling).toEqual(ok({}))
  })
})
