// NATS with Go kit on nats.go at the other end, both ways, and the services protocol as nats.go reads it.
import { call, fail, ok } from '@tenon/endpoint'
import { type Client, nats } from '@tenon/transport-nats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bodyOf,
  type Connection,
  fresh,
  generations,
  server as url,
} from '../../packages/transport-nats/test/clients.ts'
import { missing as noNats } from '../../packages/transport-nats/test/nats-server.ts'
import { isThere, missing, type Peer, startPeer } from './peer.ts'
import { asJson, changed, EmptyText, fromJson, Quota, Strings, strings, values } from './strings.ts'

const here = isThere && url !== undefined

describe.runIf(here || process.env.CI !== undefined)('Go kit over NATS', () => {
  let peer: Peer
  let connection: Connection
  beforeAll(async () => {
    if (!isThere) throw new Error(missing)
    if (url === undefined) throw new Error(noNats)
    peer = await startPeer(url)
    connection = await (generations[1] as (typeof generations)[number]).connect({ servers: url })
  })
  afterAll(async () => {
    await connection?.close()
    await peer?.[Symbol.asyncDispose]()
  })

  describe('as a subscriber that marks its failures', () => {
    let client: Client<typeof Strings>
    beforeAll(() => {
      client = nats.client(Strings, { connection, prefix: 'go' })
    })

    it('given values and metadata, then they arrive, and so do those that come back', async () => {
      expect(await call(client.change, values)).toEqual(ok(changed(values)))
      const metadata = { 'x-request-id': 'r-1' }
      expect(await call(client.uppercase, { s: 'grün' }, { metadata })).toEqual(ok({ v: 'GRÜN', requestId: 'r-1' }))
    })

    it('given failures, then the declared ones are typed and the others are known by code and tag', async () => {
      const failed = (s: string) => call(client.uppercase, { s })
      expect(await failed('')).toEqual(fail(EmptyText({ field: 's', message: 'empty text' })))
      expect(await failed('!quota')).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
      expect(await failed('!other')).toMatchObject({
        left: { _tag: 'Remote', code: 'aborted', tag: 'Nobody.Declares' },
      })
      expect(await failed('!plain')).toMatchObject({
        left: { _tag: 'Remote', code: 'unknown', message: 'plain failure' },
      })
    })

    it('given a deadline, then a server that reads request-timeout-ms has what is left of it, and its context ends', async () => {
      const late = await call(client.slow, { sleepMs: 60_000 as never }, { timeout: 100 })
      expect(late).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
      const { hasDeadline, remainingMs } = await peer.heard('slow began', 'nats')
      expect(hasDeadline).toBe(true)
      expect(remainingMs).toBeLessThanOrEqual(100)
      await peer.heard('slow aborted', 'nats')
    })
  })

  describe("as a subscriber with Go kit's own error encoder", () => {
    it('given an error, then a client of the contract never takes it for a success', async () => {
      const client = nats.client(Strings, { connection, prefix: 'kit' })
      expect(await call(client.uppercase, { s: 'ok' })).toEqual(ok({ v: 'OK', requestId: '' }))
      expect(await call(client.uppercase, { s: '!plain' })).toMatchObject({
        left: { _tag: 'Remote', code: 'internal', tag: 'InvalidOutput' },
      })
    })

    it('given a client with a decoder that looks for it, then the error is what the decoder makes of it', async () => {
      await using client = nats.client({
        connection,
        subject: 'kit.interop.v1.Strings.uppercase',
        decode: ({ body }) => {
          const { err, v } = JSON.parse(bodyOf({ data: body })) as { readonly err?: string; readonly v?: string }
          return err === undefined ? ok(v) : fail({ _tag: 'Kit', code: 'unknown', message: err } as const)
        },
      })
      expect(await call(client, { s: 'ok' })).toEqual(ok('OK'))
      expect(await call(client, { s: '!plain' })).toMatchObject({ left: { _tag: 'Kit', message: 'plain failure' } })
    })
  })

  describe('as a publisher', () => {
    const serving = async () => {
      const prefix = fresh()
      const { impl, slow } = strings()
      const server = await nats.serve(impl, {
        connection,
        prefix,
        grace: 0,
        limits: { request: 300 },
        onTelemetry: () => {},
      })
      const ask = (method: string, input: unknown, more: object = {}) =>
        peer.call({ wire: 'nats', target: url as string, prefix: `${prefix}.`, method, input, ...more })
      return { slow, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    }

    it('given values, then both sides have them', async () => {
      await using server = await serving()
      expect(fromJson((await server.ask('change', asJson(values))).value)).toEqual(ok(changed(values)))
      expect((await server.ask('uppercase', { s: 'ü' })).value).toEqual({ v: 'Ü', requestId: '' })
    })

    it('given failures, then Go reads them by their headers, and the details in the body', async () => {
      await using server = await serving()
      const failed = async (method: string, input: unknown) => {
        const { failed } = await server.ask(method, input)
        return { status: failed?.code, error: failed?.error, body: JSON.parse(failed?.message || '{}') }
      }
      expect(await failed('uppercase', { s: '' })).toEqual({
        status: '400',
        error: '400: empty text',
        body: { code: 'invalid_argument', tag: 'EmptyText', message: 'empty text', details: { field: 's' } },
      })
      expect(await failed('uppercase', { s: '!quota' })).toMatchObject({
        status: '429',
        body: { tag: 'Quota', details: { retryAfter: 3_000 } },
      })
      expect(await failed('uppercase', { s: '!other' })).toMatchObject({ body: { code: 'aborted' } })
      const defect = await failed('uppercase', { s: '!plain' })
      expect(defect).toMatchObject({ status: '500', body: { code: 'internal' } })
      expect(JSON.stringify(defect)).not.toContain('plain failure')
      expect(await failed('nope', {})).toMatchObject({ status: '501', body: { code: 'unimplemented' } })
    })

    it('given a publisher that gives up, which NATS tells nobody, then the call ends with the time that the server gives', async () => {
      await using server = await serving()
      const called = server.ask('slow', { sleepMs: 60_000 }, { timeoutMs: 100 })
      expect(await server.slow.began).toBeLessThanOrEqual(300)
      expect((await called).failed?.error).toContain('context deadline exceeded')
      await server.slow.aborted
    })

    it('given nobody who serves a subject, then both sides say so at once', async () => {
      const asked = { wire: 'nats', target: url as string, prefix: `${fresh()}.`, method: 'uppercase' } as const
      expect((await peer.call({ ...asked, input: { s: 'x' } })).failed?.error).toContain('no responders')
      const client = nats.client(Strings, { connection, prefix: fresh() })
      expect(await call(client.uppercase, { s: 'x' })).toMatchObject({ left: { _tag: 'Unavailable' } })
    })
  })

  it('given a service, when nats.go asks $SRV, then it reads what it is told with its own types, and nothing is left over', async () => {
    const prefix = fresh()
    const { impl } = strings()
    const served = { connection, prefix, version: '1.2.3', metadata: { team: 'blue' }, grace: 0, onTelemetry: () => {} }
    await using _ = await nats.serve(impl, served)
    const client = nats.client(Strings, { connection, prefix })
    await call(client.uppercase, { s: 'x' })
    await call(client.uppercase, { s: '' })
    const ask = async (method: string) => {
      const { value, failed } = await peer.call({ wire: 'services', target: url as string, method, timeoutMs: 5_000 })
      expect(failed).toBeUndefined()
      return value as Record<string, unknown>
    }
    const name = 'interop-v1-Strings'
    const ping = await ask(`PING.${name}`)
    const self = { name, id: ping.id, version: '1.2.3', metadata: { contract: 'interop.v1.Strings', team: 'blue' } }
    expect(ping).toEqual({ type: 'io.nats.micro.v1.ping_response', ...self })
    const endpoint = (method: string) => ({
      name: method,
      subject: `${prefix}.interop.v1.Strings.${method}`,
      queue_group: 'interop.v1.Strings',
    })
    const methods = ['uppercase', 'change', 'slow']
    expect(await ask(`INFO.${name}.${ping.id}`)).toEqual({
      type: 'io.nats.micro.v1.info_response',
      ...self,
      description: expect.any(String),
      endpoints: methods.map((method) => ({ ...endpoint(method), metadata: {} })),
    })
    const unused = { num_requests: 0, num_errors: 0, last_error: '', processing_time: 0, average_processing_time: 0 }
    const times = { processing_time: expect.any(Number), average_processing_time: expect.any(Number) }
    const used = { num_requests: 2, num_errors: 1, last_error: 'invalid_argument: empty text', ...times }
    expect(await ask(`STATS.${name}.${ping.id}`)).toEqual({
      type: 'io.nats.micro.v1.stats_response',
      ...self,
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      endpoints: methods.map((method) => ({ ...endpoint(method), ...(method === 'uppercase' ? used : unused) })),
    })
  })
})
