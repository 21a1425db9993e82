// Protobuf bodies over HTTP, Go kit's http/proto at the other end, both ways.
import { call, fail, ok } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { type Client, type ClientResponse, http } from '@tenon/transport-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isThere, missing, type Peer, startPeer } from './peer.ts'
import { asJson, changed, EmptyText, fromJson, Quota, Strings, strings, values } from './strings.ts'

describe.runIf(isThere || process.env.CI !== undefined)("Go kit's http/proto", () => {
  let peer: Peer
  beforeAll(async () => {
    if (!isThere) throw new Error(missing)
    peer = await startPeer()
  })
  afterAll(() => peer?.[Symbol.asyncDispose]())

  describe('as a server', () => {
    let client: Client<typeof Strings>
    let answer: ClientResponse | undefined
    beforeAll(() => {
      const after = (_: unknown, answered: ClientResponse): void => {
        answer = answered
      }
      client = http.client(Strings, { url: `${peer.http}/proto`, format: grpc.protobuf(), after })
    })
    afterAll(() => client[Symbol.asyncDispose]())

    it('given values of every kind and metadata, then they arrive, and so do those that come back', async () => {
      expect(await call(client.change, values)).toEqual(ok(changed(values)))
      expect(answer?.headers['content-type']).toBe('application/x-protobuf')
      const noted = { ...values, note: '' }
      expect(await call(client.change, noted)).toEqual(ok({ ...changed(values), note: '!' }))
      const metadata = { 'x-request-id': 'r-1' }
      expect(await call(client.uppercase, { s: 'grün' }, { metadata })).toEqual(ok({ v: 'GRÜN', requestId: 'r-1' }))
    })

    it('given errors, which Go kit writes as JSON or text here too, then they are typed', async () => {
      const failed = (s: string) => call(client.uppercase, { s })
      expect(await failed('')).toEqual(fail(EmptyText({ field: 's', message: 'empty text' })))
      expect(await failed('!quota')).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
      expect(await failed('!plain')).toMatchObject({ left: { _tag: 'Remote', code: 'internal' } })
    })
  })

  it('given Go as a client, then it reads what it is answered, by no header but its content type, and failures by their status', async () => {
    await using server = await http.serve(strings().impl, {
      formats: [grpc.protobuf()],
      grace: 0,
      onTelemetry: () => {},
    })
    const ask = (method: string, input: unknown) => peer.call({ wire: 'proto', target: server.url, method, input })
    const { value, headers } = await ask('change', asJson(values))
    expect(fromJson(value)).toEqual(ok(changed(values)))
    expect(headers['Content-Type']).toEqual(['application/x-protobuf'])
    expect((await ask('uppercase', { s: 'ü' })).value).toEqual({ v: 'Ü', requestId: '' })
    expect((await ask('slow', { sleepMs: 0 })).value).toMatchObject({ hasDeadline: true })
    const { failed } = await ask('uppercase', { s: '' })
    expect(failed).toMatchObject({ code: 400 })
    expect(JSON.parse(failed?.message ?? '')).toMatchObject({ tag: 'EmptyText', details: { field: 's' } })
  })
})
