// A NATS server that is killed, stalls or was never there: failures in time, and nothing that is lost without a word.
import { contract, event, handler, implement, unary } from '@tenon/contract'
import { call, ok, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { fresh, generations, server as url } from '../test/clients.ts'
import { type NatsServer, startNats } from '../test/nats-server.ts'
import { nats } from './index.ts'

const Slow = contract('test.trouble.v1.Slow', {
  hang: unary({ input: t.void, output: t.void }),
  quick: unary({ input: t.void, output: t.number }),
})
const slow = implement(Slow, {
  hang: handler(Slow.methods.hang, () => new Promise<never>(() => {})),
  quick: handler(Slow.methods.quick, async () => ok(1)),
})

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  it('given nobody who serves it, when called, then it is Unavailable at once, whatever the deadline', async () => {
    const connection = await connect({ servers: url as string })
    const client = nats.client(Slow, { connection, prefix: fresh() })
    const start = performance.now()
    expect(await call(client.quick, undefined, { timeout: 5_000 })).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(performance.now() - start).toBeLessThan(1_000)
    await connection.close()
    expect(await call(client.quick, undefined)).toMatchObject({ left: { _tag: 'Unavailable' } })
  })

  it('given a connection that is closed, then whoever begins on it is told so, in our words', async () => {
    const connection = await connect({ servers: url as string })
    await connection.close()
    const closed = /the connection to NATS is closed/
    await expect(nats.serve(slow, { connection })).rejects.toThrow(closed)
    const quick = slow.endpoints.quick as never
    await expect(nats.server(quick, { connection, subject: 'a', decode: nats.noInput })).rejects.toThrow(closed)
    const Events = contract('test.trouble.v1.Events', { ended: event({ message: t.void }) })
    const ended = handler(Events.methods.ended, async () => ok())
    await expect(nats.consume(Events, { ended }, { connection, durable: 'x' })).rejects.toThrow(closed)
    const unavailable = { left: { _tag: 'Unavailable', message: expect.stringMatching(closed) } }
    expect(await call(nats.client(Slow, { connection }).quick, undefined)).toMatchObject(unavailable)
    expect(await call(nats.publisher(Events, { connection }).ended, undefined)).toMatchObject(unavailable)
  })

  it('given a NATS server that is killed, then calls in flight fail at once, further ones too, and after its return all go on', async () => {
    await using own = (await startNats()) as NatsServer
    const [ours, theirs] = [await connect({ servers: own.url }), await connect({ servers: own.url })]
    const reported: Telemetry[] = []
    const server = await nats.serve(slow, { connection: ours, grace: 50 })
    const client = nats.client(Slow, { connection: theirs, onTelemetry: (event) => void reported.push(event) })
    expect(await call(client.quick, undefined)).toEqual(ok(1))
    const inFlight = call(client.hang, undefined, { timeout: 15_000 })
    await expect.poll(() => server.inFlight).toBe(1)
    const start = performance.now()
    own.signal('SIGKILL')
    expect(await inFlight).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(await call(client.quick, undefined, { timeout: 15_000 })).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(performance.now() - start).toBeLessThan(3_000)
    // A drain that NATS does not hear of still ends.
    await own.restart()
    await expect.poll(() => call(client.quick, undefined), { timeout: 10_000 }).toEqual(ok(1))
    expect(reported.map((event) => (event as { state?: string }).state)).toEqual(['lost', 'connected'])
    own.signal('SIGKILL')
    await expect.poll(() => call(client.quick, undefined).then(({ _tag }) => _tag)).toBe('Left')
    await server[Symbol.asyncDispose]()
    await Promise.all([ours.close(), theirs.close()])
  })

  it('given codecs and hooks that throw whatever they are given, when messages come, then the connection still reads', async () => {
    const connection = await connect({ servers: url as string })
    const prefix = fresh()
    const broken = (): never => {
      throw new Error('a hook')
    }
    const hooks = { before: broken, afterError: broken, finalize: broken, onError: broken, onTelemetry: broken }
    const server = await nats.serve(slow, { connection, prefix, ...hooks })
    const client = nats.client(Slow, { connection, prefix, after: broken, finalize: broken })
    for (let n = 0; n < 3; n++) expect(await call(client.quick, undefined)).toMatchObject({ _tag: 'Left' })
    await connection.flush()
    await server[Symbol.asyncDispose]()
    await connection.close()
  })
})
