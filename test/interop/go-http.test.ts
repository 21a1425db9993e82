// HTTP with JSON, Go kit on net/http at the other end, both ways.
import { call, fail, ok } from '@tenon/endpoint'
import { type Client, type ClientResponse, http } from '@tenon/transport-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beside, timesCross, valuesCross } from './beside.ts'
import { asJson, changed, EmptyText, fromJson, Quota, Strings, strings, values } from './strings.ts'

beside('Go kit over HTTP', (peer) => {
  describe('as a server', () => {
    let client: Client<typeof Strings>
    let answer: ClientResponse | undefined
    beforeAll(() => {
      const after = (_: unknown, answered: ClientResponse): void => {
        answer = answered
      }
      client = http.client(Strings, { url: peer().http, after })
    })
    afterAll(() => client[Symbol.asyncDispose]())

    valuesCross(() => client)

    it('given headers of Go, then hooks see them', async () => {
      await call(client.uppercase, { s: 'x' })
      expect(answer?.headers['x-served-by']).toBe('go-kit')
    })

    it('given errors of Go with status, headers and body, then they are typed; a plain one is known by its status', async () => {
      const failed = (s: string) => call(client.uppercase, { s })
      expect(await failed('')).toEqual(fail(EmptyText({ field: 's', message: 'empty text' })))
      expect(await failed('!quota')).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
      expect(await failed('!field')).toMatchObject({
        left: { _tag: 'InvalidArgument', message: 's: no good', issues: [{ path: 's', expected: 'something good' }] },
      })
      expect(await failed('!other')).toMatchObject({
        left: { _tag: 'Remote', code: 'aborted', tag: 'Nobody.Declares', message: 'undeclared' },
      })
      expect(await failed('!plain')).toMatchObject({ left: { _tag: 'Remote', code: 'internal', tag: 'internal' } })
    })

    timesCross('http', peer, () => client)
  })

  describe('as a client', () => {
    const serving = async () => {
      const { impl, slow } = strings()
      const after = http.setResponseHeader('x-served-by', 'tenon')
      const server = await http.serve(impl, { after, grace: 0, onTelemetry: () => {} })
      const ask = (method: string, input: unknown, more: object = {}) =>
        peer().call({ wire: 'http', target: server.url, method, input, ...more })
      return { slow, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    }

    it('given values, metadata and headers, then both sides have them', async () => {
      await using server = await serving()
      expect(fromJson((await server.ask('change', asJson(values))).value)).toEqual(ok(changed(values)))
      const { value, headers } = await server.ask('uppercase', { s: 'ü' }, { metadata: { 'X-Request-Id': 'r-2' } })
      expect(value).toEqual({ v: 'Ü', requestId: 'r-2' })
      expect(headers['X-Served-By']).toEqual(['tenon'])
    })

    it('given failures, then Go reads status, header and problem document', async () => {
      await using server = await serving()
      const failed = async (method: string, input: unknown) => {
        const { failed, headers } = await server.ask(method, input)
        return { status: failed?.code, headers, problem: JSON.parse(failed?.message ?? '') }
      }
      const empty = await failed('uppercase', { s: '' })
      expect(empty).toMatchObject({
        status: 400,
        problem: { code: 'invalid_argument', tag: 'EmptyText', details: { field: 's' } },
      })
      expect(empty.headers['Content-Type']).toEqual(['application/problem+json'])
      const quota = await failed('uppercase', { s: '!quota' })
      expect(quota).toMatchObject({ status: 429, problem: { tag: 'Quota', details: { retryAfter: 3_000 } } })
      expect(quota.headers['Retry-After']).toEqual(['3'])
      expect(await failed('uppercase', { s: '!other' })).toMatchObject({
        status: 409,
        problem: { code: 'aborted', tag: 'Nobody.Declares', detail: 'undeclared' },
      })
      const defect = await failed('uppercase', { s: '!plain' })
      expect(defect).toMatchObject({ status: 500, problem: { code: 'internal' } })
      expect(JSON.stringify(defect)).not.toContain('plain failure')
      expect(await failed('change', { ...(asJson(values) as object), level: 'nowhere' })).toMatchObject({
        status: 400,
        problem: { details: { issues: [{ path: 'level' }] } },
      })
      expect(await failed('nope', {})).toMatchObject({ status: 404, problem: { code: 'unimplemented' } })
    })

    it('given a deadline that a client of Go passes on by header, then the endpoint has it, and the answer comes in time', async () => {
      await using server = await serving()
      const metadata = { 'Request-Timeout-Ms': '100' }
      const late = server.ask('slow', { sleepMs: 60_000 }, { metadata, timeoutMs: 5_000 })
      expect(await server.slow.began).toBeLessThanOrEqual(100)
      await server.slow.aborted
      expect((await late).failed).toMatchObject({ code: 504 })
    })

    it.each([
      ['has passed', { timeoutMs: 100 }, 'context deadline exceeded'],
      ['is cancelled', { cancelMs: 50 }, 'context canceled'],
    ])('given a context of Go that %s, then Go closes the connection and the signal aborts', async (_, more, why) => {
      await using server = await serving()
      const called = server.ask('slow', { sleepMs: 60_000 }, more)
      await server.slow.aborted
      expect((await called).failed?.error).toContain(why)
    })
  })
})
