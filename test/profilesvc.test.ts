// examples/profilesvc as a process: asked as its README asks it, described by itself, stopped while it works.
import { once } from 'node:events'
import { connect } from 'node:net'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ran, type Server, server } from './program.ts'

const main = 'examples/profilesvc/dist/main.js'
let running: Server
beforeAll(async () => {
  running = await server(main)
}, 30_000)
afterAll(() => running[Symbol.asyncDispose]())

const send = async (method: string, path: string, body?: unknown): Promise<unknown[]> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(running.url + path, { method, headers, body: JSON.stringify(body) ?? null })
  return [answer.status, await answer.json()]
}

describe('profilesvc', () => {
  it("serves Go kit's routes, with a status for every failure", async () => {
    expect(await send('POST', '/profiles/', { id: '1234', name: 'Go Kit' })).toEqual([200, { version: 1 }])
    expect(await send('POST', '/profiles/', { id: '1234' })).toMatchObject([409, { tag: 'ProfileExists' }])
    expect(await send('GET', '/profiles/1234')).toEqual([200, { profile: { id: '1234', version: 1, name: 'Go Kit' } }])
    expect(await send('GET', '/profiles/7')).toMatchObject([404, { tag: 'ProfileNotFound', details: { id: '7' } }])
    expect(await send('PUT', '/profiles/1234', { id: '7' })).toMatchObject([400, { tag: 'InconsistentIds' }])
    expect(await send('PUT', '/profiles/1234', { id: '1234', name: 'Tenon' })).toEqual([200, { version: 2 }])
    const home = { id: 'home', location: 'Mortise Lane 3' }
    expect(await send('PATCH', '/profiles/1234', { name: null, version: 1 })).toMatchObject([
      409,
      { tag: 'ProfileChanged', details: { current: 2 } },
    ])
    expect(await send('PATCH', '/profiles/1234', { name: null, version: 2 })).toEqual([200, { version: 3 }])
    expect(await send('POST', '/profiles/1234/addresses/', home)).toEqual([200, { version: 4 }])
    expect(await send('GET', '/profiles/1234/addresses/')).toEqual([200, { addresses: [home] }])
    expect(await send('GET', '/profiles/1234/addresses/home')).toEqual([200, { address: home }])
    expect(await send('DELETE', '/profiles/1234/addresses/home')).toEqual([200, { version: 5 }])
    expect(await send('DELETE', '/profiles/1234?version=5')).toEqual([200, {}])
    expect(await send('DELETE', '/profiles/1234')).toMatchObject([404, { tag: 'ProfileNotFound' }])
  })

  it('describes itself: a valid document of all its methods, with examples', async () => {
    const document = (await (await fetch(`${running.url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>
      readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> }
    }
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
    const found = Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    )
    expect(found.sort()).toEqual([
      'DELETE /profiles/{id}',
      'DELETE /profiles/{id}/addresses/{addressId}',
      'GET /profiles/{id}',
      'GET /profiles/{id}/addresses/',
      'GET /profiles/{id}/addresses/{addressId}',
      'PATCH /profiles/{id}',
      'POST /profiles/',
      'POST /profiles/{id}/addresses/',
      'PUT /profiles/{id}',
    ])
    for (const name of ['Profile', 'Address', 'Patch'])
      expect(document.components.schemas[name]?.examples).toHaveLength(1)
    const page = await fetch(`${running.url}/docs`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Profiles')])
  })

  it('given a port that is taken or none, then one line says what to do; --help explains', async () => {
    const { port } = new URL(running.url)
    const [taken, wrong, help] = await Promise.all(
      [['--port', port], ['--port', 'x'], ['--help']].map((args) => ran(main, args)),
    )
    expect(taken).toEqual({ code: 1, out: '', err: expect.stringMatching(`^.*${port}.* in use; --port takes .*\n$`) })
    expect(wrong).toEqual({ code: 2, out: '', err: expect.stringMatching(/^--port takes a number .*\n$/) })
    expect(help).toEqual({ code: 0, out: expect.stringContaining('  --port 8080  '), err: '' })
  })

  // The last: it ends the server.
  it('given SIGTERM, then it finishes the call in flight, and ends with 0', async () => {
    const socket = connect({ port: Number(new URL(running.url).port), host: '127.0.0.1' })
    socket.write('PUT /profiles/9 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n')
    socket.write('content-length: 10\r\nexpect: 100-continue\r\n\r\n')
    expect(String(await once(socket, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    const ended = running.stop('SIGTERM')
    await vi.waitFor(() => expect(fetch(running.url)).rejects.toThrow(), 5_000)
    socket.write('{"id":"9"}')
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"version":6\}$/)
    const { code, err } = await ended
    expect([code, err]).toEqual([0, ''])
  })
})
