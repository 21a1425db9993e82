// A NATS server that stands still is found, and its return, too.
import { contract, handler, implement, unary } from '@tenon/contract'
import { call, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { generations, server as url } from '../test/clients.ts'
import { type NatsServer, startNats } from '../test/nats-server.ts'
import { nats } from './index.ts'

const Quick = contract('test.stalled.v1.Quick', { quick: unary({ input: t.void, output: t.number }) })
const quick = implement(Quick, { quick: handler(Quick.methods.quick, async () => ok(1)) })

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  it('given a NATS server that is stopped, when a call has waited for six seconds, then it is Unavailable; once it goes on, so do calls', async () => {
    await using own = (await startNats()) as NatsServer
    const connection = await connect({ servers: own.url })
    await using server = await nats.serve(quick, { connection, grace: 100 })
    const client = nats.client(Quick, { connection })
    expect(await call(client.quick, undefined)).toEqual(ok(1))
    own.signal('SIGSTOP')
    const start = performance.now()
    expect(await call(client.quick, undefined, { timeout: 60_000 })).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(performance.now() - start).toBeLessThan(8_000)
    own.signal('SIGCONT')
    await expect.poll(() => call(client.quick, undefined), { timeout: 10_000, interval: 100 }).toEqual(ok(1))
    expect(server.inFlight).toBe(0)
    await server.drain()
    await connection.close()
  })
})
