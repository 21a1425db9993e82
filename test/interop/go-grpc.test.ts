// gRPC with Go kit on grpc-go at the other end, both ways.
import { call, fail, ok } from '@tenon/endpoint'
import { type Client, type ClientAnswer, grpc } from '@tenon/transport-grpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beside, timesCross, valuesCross } from './beside.ts'
import { everything, flows } from './flows.ts'
import { asJson, changed, EmptyText, fromJson, Quota, Strings, strings, values } from './strings.ts'

beside('Go kit over gRPC', (peer) => {
  describe('as a server', () => {
    let client: Client<typeof Strings>
    let answer: ClientAnswer | undefined
    beforeAll(() => {
      const after = (_: unknown, answered: ClientAnswer): void => {
        answer = answered
      }
      client = grpc.client(Strings, { address: peer().grpc, after })
    })
    afterAll(() => client[Symbol.asyncDispose]())

    valuesCross(() => client)

    it('given headers and trailers of Go, then hooks see them', async () => {
      await call(client.uppercase, { s: 'x' })
      expect(answer?.headers?.get('x-served-by')).toEqual(['go-kit'])
      expect(answer?.trailers.get('x-ended-by')).toEqual(['go-kit'])
    })

    it('given failures with details, then the declared ones are typed and the others are known by code and tag', async () => {
      const failed = (s: string) => call(client.uppercase, { s })
      expect(await failed('')).toEqual(fail(EmptyText({ field: 's', message: 'empty text' })))
      expect(await failed('!quota')).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
      expect(await failed('!field')).toEqual(
        fail({
          _tag: 'InvalidArgument',
          code: 'invalid_argument',
          message: 's: no good',
          issues: [{ path: 's', expected: 'something good', actual: '' }],
        }),
      )
      expect(await failed('!other')).toMatchObject({
        left: { _tag: 'Remote', code: 'aborted', tag: 'Nobody.Declares', message: 'undeclared' },
      })
      expect(await failed('!plain')).toMatchObject({
        left: { _tag: 'Remote', code: 'unknown', message: 'plain failure' },
      })
    })

    timesCross('grpc', peer, () => client)
  })

  describe('as a client', () => {
    const serving = async () => {
      const { impl, slow } = strings()
      const after = grpc.setResponseTrailer('x-ended-by', 'tenon')
      const server = await grpc.serve(impl, { after, grace: 0, onTelemetry: () => {} })
      const ask = (method: string, input: unknown, more: object = {}) =>
        peer().call({ wire: 'grpc', target: server.address, method, input, ...more })
      return { slow, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    }

    it('given values, metadata and trailers, then both sides have them', async () => {
      await using server = await serving()
      expect(fromJson((await server.ask('change', asJson(values))).value)).toEqual(ok(changed(values)))
      const { value, headers } = await server.ask('uppercase', { s: 'ü' }, { metadata: { 'X-Request-Id': 'r-2' } })
      expect(value).toEqual({ v: 'Ü', requestId: 'r-2' })
      expect(headers['x-ended-by']).toEqual(['tenon'])
    })

    it('given failures, then Go reads status, reason, wrong fields, the time to wait and the details', async () => {
      await using server = await serving()
      const failed = async (s: unknown) => (await server.ask('uppercase', { s })).failed
      const domain = 'interop.v1.Strings'
      expect(await failed('')).toMatchObject({
        code: 'InvalidArgument',
        message: 'empty text',
        details: [{ reason: 'EmptyText', domain }, { field: 's' }],
      })
      expect(await failed('!quota')).toMatchObject({
        code: 'ResourceExhausted',
        details: [{ reason: 'Quota', domain }, { retryDelayMs: 3_000 }, { retryAfter: 3_000 }],
      })
      expect(await failed('!other')).toMatchObject({
        code: 'Aborted',
        details: [{ reason: 'Nobody.Declares', domain }],
      })
      const defect = await failed('!plain')
      expect(defect).toMatchObject({ code: 'Internal' })
      expect(JSON.stringify(defect)).not.toContain('plain failure')
      const wrong = { ...(asJson(values) as object), level: 'nowhere' }
      expect((await server.ask('change', wrong)).failed).toMatchObject({
        code: 'InvalidArgument',
        details: [{ reason: 'InvalidArgument', domain }, { field: 'level' }, {}],
      })
      expect((await server.ask('nope', {})).failed).toMatchObject({ code: 'Unimplemented' })
    })

    it('given a deadline of Go, then the endpoint has what is left of it, and its signal aborts when it has passed', async () => {
      await using server = await serving()
      const late = server.ask('slow', { sleepMs: 60_000 }, { timeoutMs: 300 })
      expect(await server.slow.began).toBeLessThanOrEqual(300)
      expect((await late).failed).toMatchObject({ code: 'DeadlineExceeded' })
      await server.slow.aborted
    })

    it('given a context of Go that is cancelled, then the signal aborts', async () => {
      await using server = await serving()
      const called = server.ask('slow', { sleepMs: 60_000 }, { cancelMs: 50 })
      await server.slow.aborted
      expect((await called).failed).toMatchObject({ code: 'Canceled' })
    })
  })

  it('given reflection, then Go links the files of three contracts of one package as strictly as protoc', async () => {
    const served = [strings().impl, flows(), everything()]
    await using server = await grpc.serve(served, { reflection: true, health: true, grace: 0 })
    const asked = { wire: 'reflection', target: server.address, method: 'list', timeoutMs: 5_000 } as const
    const { value, failed } = await peer().call(asked)
    expect(failed).toBeUndefined()
    const methods = value as Record<string, string[]>
    expect(Object.keys(methods).sort()).toEqual([
      'grpc.health.v1.Health',
      'interop.v1.Everything',
      'interop.v1.Flows',
      'interop.v1.Strings',
    ])
    expect(methods['interop.v1.Strings']).toContain('Change(interop.v1.ChangeRequest) interop.v1.ChangeReply')
    expect(methods['interop.v1.Everything']).toEqual([
      'Nothing(google.protobuf.Empty) google.protobuf.Empty',
      'Some(interop.v1.SomeRequest) interop.v1.SomeReply',
    ])
  })
})
