// Protobuf bodies over HTTP, Go kit's http/proto at the other end, both ways.
import { call, fail, ok } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { type Client, type ClientResponse, http } from '@tenon/transport-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beside, valuesCross } from './beside.ts'
import { asJson, changed, EmptyText, fromJson, Quota, Strings, strings, values } from './strings.ts'

beside("Go kit's http/proto", (peer) => {
  describe('as a server', () => {
    let client: Client<typeof Strings>
    let answer: ClientResponse | undefined
    beforeAll(() => {
      const after = (_: unknown, answered: ClientResponse): void => {
        answer = answered
      }
      client = http.client(Strings, { url: `${peer().http}/proto`, format: grpc.protobuf(), after })
    })
    afterAll(() => client[Symbol.asyncDispose]())

    valuesCross(() => client)

    it('given an answer, then it is a message', async () => {
      await call(client.uppercase, { s: 'x' })
      expect(answer?.headers['content-type']).toBe('application/x-protobuf')
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
    const ask = (method: string, input: unknown) => peer().call({ wire: 'proto', target: server.url, method, input })
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
