// The traps of Go kit's examples, each by its id, and that this one stays out of them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { breaker } from '@tenon/breaker'
import { failure, implement } from '@tenon/contract'
import { endpointerOf, fixed } from '@tenon/discovery'
import { call, chain, fail, guard, mapMethods, ok, refuse, subscribe } from '@tenon/endpoint'
import { http, jsonrpc, type ServeOptions } from '@tenon/transport-http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { profilesClient } from './client.ts'
import { InconsistentIds, ProfileExists, ProfileNotFound, Profiles } from './contract.ts'
import { endpoints } from './endpoints.ts'
import { serve } from './server.ts'
import { inMemory } from './service.ts'

const quiet = { port: 0, log: () => {} }
/** The service without what `serve` puts around it, for those who look at its wire. */
const bare = (options: ServeOptions) => http.serve(implement(Profiles, endpoints(inMemory())), options)
const send = (url: string, method: string, body?: unknown): Promise<Response> =>
  fetch(url, { method, body: JSON.stringify(body) ?? null, headers: { 'content-type': 'application/json' } })

describe('the traps of the examples', () => {
  it('E-1: over JSON-RPC a failure of the business arrives as an error, and in the client as what it was', async () => {
    const rpc = jsonrpc.server(implement(Profiles, endpoints(inMemory())))
    await using server = await http.serve([], { routes: { 'POST /rpc': rpc } })
    await using client = jsonrpc.client(Profiles, { url: `${server.url}/rpc` })
    expect(await call(client.postProfile, { id: '1' })).toEqual(ok({ version: 1 }))
    expect(await call(client.postProfile, { id: '1' })).toEqual(fail(ProfileExists({ id: '1' })))
    const method = 'profiles.v1.Profiles/getProfile'
    const answer = await send(`${server.url}/rpc`, 'POST', { jsonrpc: '2.0', method, params: { id: '7' }, id: 1 })
    expect(await answer.json()).toMatchObject({ error: { data: { tag: 'ProfileNotFound', details: { id: '7' } } } })
  })

  it('E-2: a client whose call failed answers with the failure, and reads nothing of an answer that is none', async () => {
    const odd = createServer((_, res) => void res.end('<html>welcome</html>')).listen(0, '127.0.0.1')
    await new Promise((resolve) => odd.once('listening', resolve))
    const { port } = odd.address() as AddressInfo
    await using client = http.client(Profiles, { url: `http://127.0.0.1:${port}` })
    expect(await call(client.getProfile, { id: '1' })).toMatchObject(
      fail({ _tag: 'Remote', code: 'internal', tag: 'InvalidOutput', message: expect.any(String) }),
    )
    odd.closeAllConnections()
    await new Promise((resolve) => odd.close(resolve))
    expect(await call(client.getProfile, { id: '1' })).toMatchObject(
      fail({ _tag: 'Unavailable', code: 'unavailable', message: expect.any(String) }),
    )
  })

  it('E-3: of an answer that is no success, the client reads what it says, and not its status alone', async () => {
    await using server = await serve(quiet)
    await using client = profilesClient(fixed([server.url]))
    await call(client.postProfile, { id: '1' })
    expect(await call(client.postProfile, { id: '1' })).toEqual(fail(ProfileExists({ id: '1' })))
  })

  it('E-4: a failure that another hop serves again is still that failure, with its status', async () => {
    await using server = await serve(quiet)
    await using client = profilesClient(fixed([server.url]))
    await using gateway = await http.serve(implement(Profiles, client))
    await using beyond = http.client(Profiles, { url: gateway.url })
    expect(await call(beyond.getProfile, { id: '7' })).toEqual(fail(ProfileNotFound({ id: '7' })))
    for (const { url } of [server, gateway])
      expect((await send(`${url}/profiles/1`, 'PUT', { id: '2' })).status).toBe(400)
  })

  it('E-5: calls that a limiter refuses inside a breaker do not open it; nor do failures of the business', async () => {
    const RateLimited = failure('TooManyCalls', 'resource_exhausted')
    let allowed = 20
    const limiter = guard(() => (allowed-- > 0 ? ok({}) : refuse(RateLimited())))
    const circuit = breaker({ name: 'E-5' })
    await using server = await serve(quiet)
    await using connected = http.client(Profiles, { url: server.url })
    const client = mapMethods(connected, chain(circuit, limiter))
    const tags = new Set<string>()
    for (let n = 0; n < 60; n++) {
      const answer = await call(client.getProfile, { id: '7' })
      if (answer._tag === 'Left') tags.add(answer.left._tag)
    }
    expect([...tags]).toEqual(['ProfileNotFound', 'TooManyCalls'])
    expect(circuit.state()).toBe('closed')
  })

  it('E-6: a PUT that fails is no success', async () => {
    await using server = await serve(quiet)
    const answer = await send(`${server.url}/profiles/1`, 'PUT', { id: '2' })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { tag: 'InconsistentIds', code: 'invalid_argument', details: { path: '1', body: '2' } },
    ])
    expect((await send(`${server.url}/profiles/1`, 'PUT', { id: '1', version: 3 })).status).toBe(409)
  })

  it('E-7: failures reach who calls, typed; an id of any text arrives as it is', async () => {
    await using server = await serve(quiet)
    await using client = profilesClient(fixed([server.url]))
    const answer = await call(client.putProfile, { id: '1', profile: { id: '2' } })
    if (answer._tag === 'Left' && answer.left._tag === 'InconsistentIds') expect(answer.left.body).toBe('2')
    expect(answer).toEqual(fail(InconsistentIds({ path: '1', body: '2' })))
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((id) => !/^\.{1,2}$/.test(id))
    const odd = fc.constantFrom('a/b', 'a b', 'a+b', '50%', '%2F', 'a?b=c#d', '...', 'ü/日本', ' ', ':id', '{id}', '*')
    const arrives = async ([id, addressId]: [string, string]) => {
      await call(client.putProfile, { id, profile: { id, addresses: [{ id: addressId }] } })
      expect(await call(client.getAddress, { id, addressId })).toEqual(ok({ address: { id: addressId } }))
    }
    const ids = fc.uniqueArray(fc.tuple(fc.oneof(odd, text), fc.oneof(odd, text)), { selector: ([id]) => id })
    await fc.assert(
      fc.asyncProperty(ids, async (all) => void (await Promise.all(all.map(arrives)))),
      { numRuns: 15 },
    )
  })

  it('E-8: all methods share one connection of one client for each instance', async () => {
    const ports = new Set<unknown>()
    const connections: unknown[] = []
    await using server = await bare({ before: (_, { raw }) => void ports.add(raw.socket.remotePort) })
    using _ = subscribe((event) => void connections.push(event), ['discovery.connection'])
    await using client = profilesClient(fixed([server.url]))
    const of = { id: '1', addressId: 'a' }
    const calls = [
      () => call(client.postProfile, { id: '1' }),
      () => call(client.getProfile, of),
      () => call(client.putProfile, { id: '1', profile: { id: '1' } }),
      () => call(client.patchProfile, { id: '1', patch: { name: 'x' } }),
      () => call(client.postAddress, { id: '1', address: { id: 'a' } }),
      () => call(client.getAddresses, of),
      () => call(client.getAddress, of),
      () => call(client.deleteAddress, of),
      () => call(client.deleteProfile, of),
    ]
    for (const one of calls) {
      expect((await one())._tag).toBe('Right')
      // undici uses a connection again when the event loop has turned: who asks sooner gets a second one.
      await setImmediate()
    }
    expect(ports.size).toBe(1)
    expect(connections).toMatchObject([{ state: 'opened' }])
    expect(endpointerOf(client).view().nodes).toHaveLength(1)
  })

  it('E-9: a bug in the service is one answer of 500, which tells nothing of it; the others go on', async () => {
    const service = inMemory()
    const broken = {
      ...service,
      find(id: string) {
        if (id === 'bug') throw new Error('secret')
        return service.find(id)
      },
    }
    await using server = await serve({ ...quiet, service: broken })
    await using client = profilesClient(fixed([server.url]))
    expect(await call(client.getProfile, { id: 'bug' })).toMatchObject(
      fail({ _tag: 'Remote', code: 'internal', tag: 'Defect', message: 'something unexpected happened' }),
    )
    const answer = await send(`${server.url}/profiles/bug`, 'GET')
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')])
    expect(await call(client.getProfile, { id: '7' })).toEqual(fail(ProfileNotFound({ id: '7' })))
  })

  it('E-10: GET and DELETE carry no body', async () => {
    const bodies: unknown[] = []
    await using server = await bare({
      before: (_, { method, headers }) =>
        void bodies.push([method, headers['content-length'] ?? headers['transfer-encoding']]),
    })
    await using client = profilesClient(fixed([server.url]))
    await call(client.getProfile, { id: '1' })
    await call(client.deleteProfile, { id: '1', version: 1 })
    expect(bodies).toEqual([
      ['GET', undefined],
      ['DELETE', undefined],
    ])
  })

  it('E-11, E-12: every answer says that it is JSON, and failures are in it with all that they hold', async () => {
    await using server = await serve(quiet)
    const made = await send(`${server.url}/profiles/`, 'POST', { id: '1' })
    expect([made.headers.get('content-type'), await made.text()]).toEqual(['application/json', '{"version":1}'])
    const missing = await send(`${server.url}/profiles/7`, 'DELETE')
    expect(missing.headers.get('content-type')).toBe('application/problem+json')
    expect(await missing.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'profile not found',
      code: 'not_found',
      tag: 'ProfileNotFound',
      details: { id: '7' },
    })
  })
})
