// examples/gateway as a process: with a Consul of its own, and with one that others register in, fail in, and kill.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ConsulServer, consulServer, needs } from '@tenon/example-registries'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listening, program, ran, type Server, server } from './program.ts'

const main = 'examples/gateway/dist/main.js'

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

/** What is asked until it is so: instances become known when they do. */
const eventually = <A>(so: () => Promise<A>): Promise<A> => vi.waitFor(so, { timeout: 15_000, interval: 50 })

describe.runIf(needs('consul'))('with a Consul and services of its own', () => {
  let gateway: Server
  beforeAll(async () => {
    gateway = await server(main)
    await eventually(async () => {
      const known = await (await fetch(`${gateway.url}/services`)).json()
      expect(known).toMatchObject({
        addsvc: { status: 'known', instances: [{ id: 'addsvc-1' }, { id: 'addsvc-2' }] },
        stringsvc: { status: 'known', instances: [{ id: 'stringsvc-1' }, { id: 'stringsvc-2' }] },
        profilesvc: { status: 'known', instances: [{ id: 'profilesvc-1' }] },
      })
    })
  }, 30_000)
  afterAll(() => gateway?.[Symbol.asyncDispose]())

  it('given calls to each service, when they are made, then each is answered by whoever does it', async () => {
    const answers = [
      ['/addsvc/sum', { a: 1, b: 2 }, { v: 3 }],
      ['/addsvc/concat', { a: 'oak', b: 'ash' }, { v: 'oakash' }],
      ['/stringsvc/uppercase', { s: 'oak' }, { v: 'OAK' }],
      ['/stringsvc/count', { s: 'oak' }, { v: 3 }],
      ['/profiles/', { id: '7', name: 'Oak' }, { version: 1 }],
    ] as const
    for (const [path, body, answer] of answers) {
      const response = await post(gateway.url + path, body)
      expect([path, response.status, await response.json()]).toEqual([path, 200, answer])
    }
    const profile = await fetch(`${gateway.url}/profiles/7`)
    expect(await profile.json()).toEqual({ profile: { id: '7', version: 1, name: 'Oak' } })
  })

  // Go kit's: 500, because the failure's identity is lost on the way.
  it('E-4: given a failure of the business, when it comes from behind, then it is what it was there', async () => {
    const zeroes = await post(`${gateway.url}/addsvc/sum`, { a: 0, b: 0 })
    expect([zeroes.status, await zeroes.json()]).toMatchObject([
      400,
      { tag: 'TwoZeroes', detail: "can't sum two zeroes" },
    ])
    const empty = await post(`${gateway.url}/stringsvc/uppercase`, { s: '' })
    expect([empty.status, await empty.json()]).toMatchObject([400, { tag: 'EmptyString' }])
    const missing = await fetch(`${gateway.url}/profiles/nobody`)
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { tag: 'ProfileNotFound', details: { id: 'nobody' } },
    ])
  })

  it('given what is wrong already, when it is sent, then the gateway says so, and nobody behind hears of it', async () => {
    const wrong = await post(`${gateway.url}/addsvc/sum`, { a: 'one', b: 2 })
    expect([wrong.status, await wrong.text()]).toMatchObject([400, expect.stringContaining('a')])
    expect((await post(`${gateway.url}/v1/sum`, { a: 1, b: 2 })).status).toBe(404)
  })

  // Go kit's: one connection for each method and instance.
  it('E-8: given all methods, when they were called, then there is one connection an instance', async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain('tenon_discovery_connections{service="addsvc"} 2')
    expect(metrics).toContain('tenon_discovery_connections{service="stringsvc"} 2')
  })

  it('given a document, when it is read, then it has all that may be called', async () => {
    const { paths } = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: object }
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/addsvc/sum',
        '/addsvc/concat',
        '/stringsvc/uppercase',
        '/stringsvc/count',
        '/profiles/{id}',
      ]),
    )
  })

  it('given Ctrl-C, when it is stopped, then services are taken out, all is drained, and it ends with 0', async () => {
    const { code, err } = await gateway.stop('SIGINT')
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})

describe.runIf(needs('consul'))('with a Consul where others register', () => {
  let consul: ConsulServer
  let gateway: Server
  beforeAll(async () => {
    consul = await consulServer()
    gateway = await listening(program(main, ['--port', '0', '--consul-url', consul.url]), main)
  }, 30_000)
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]()
    await consul?.[Symbol.asyncDispose]()
  })

  async function register(id: string, port: number, action = 'register'): Promise<void> {
    const body = JSON.stringify({ Name: 'stringsvc', ID: id, Address: '127.0.0.1', Port: port })
    const path = action === 'register' ? 'register' : `deregister/${id}`
    expect((await fetch(`${consul.url}/v1/agent/service/${path}`, { method: 'PUT', body })).status).toBe(200)
  }

  /** An instance of stringsvc, written by somebody else in another way: it answers by hand. */
  async function instance(listener: RequestListener): Promise<{ readonly port: number; readonly calls: () => number }> {
    let calls = 0
    const running = createServer((request, response) => {
      calls++
      request.resume().on('end', () => listener(request, response))
    })
    await new Promise<void>((done) => running.listen(0, '127.0.0.1', done))
    onTestFinished(async () => {
      running.closeAllConnections()
      await new Promise((done) => running.close(done))
    })
    return { port: (running.address() as AddressInfo).port, calls: () => calls }
  }
  const says =
    (v: string, status = 200): RequestListener =>
    (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ v }))
    }
  const uppercase = async () => {
    const response = await post(`${gateway.url}/stringsvc/uppercase`, { s: 'x' })
    return [response.status, ((await response.json()) as { v?: string }).v] as const
  }

  it('given nobody, when a service is called, then it is 503; once somebody registers, it is answered', async () => {
    const nobody = await post(`${gateway.url}/stringsvc/uppercase`, { s: 'x' })
    expect(nobody.status).toBe(503)
    const one = await instance(says('ONE'))
    await register('one', one.port)
    await eventually(async () => expect(await uppercase()).toEqual([200, 'ONE']))
    await register('one', 0, 'deregister')
    await eventually(async () => expect((await uppercase())[0]).toBe(503))
  })

  it('given one of two that fails, when calls are made, then all of them are answered, by the other', async () => {
    const sick = await instance(says('', 503))
    const well = await instance(says('WELL'))
    await register('sick', sick.port)
    await register('well', well.port)
    await eventually(async () => expect(await uppercase()).toEqual([200, 'WELL']))
    const answers = await Promise.all(Array.from({ length: 40 }, uppercase))
    expect(answers.every(([status, v]) => status === 200 && v === 'WELL')).toBe(true)
    // It is left alone after a few failures.
    expect(sick.calls()).toBeLessThan(60)

    await consul.kill()
    for (let n = 0; n < 5; n++) expect(await uppercase()).toEqual([200, 'WELL'])
    await eventually(async () => {
      const shown = (await (await fetch(`${gateway.url}/services`)).json()) as { stringsvc: { status: string } }
      expect(shown.stringsvc.status).toBe('stale')
    })
    expect(await uppercase()).toEqual([200, 'WELL'])
    // It forgets everything: whoever is there registers again.
    await consul.restart()
    const next = await instance(says('NEXT'))
    await register('next', next.port)
    await eventually(async () => expect(await uppercase()).toEqual([200, 'NEXT']))
  })
})

describe('on the command line', () => {
  it('given a Consul that is not there, when it starts, then it serves, and says that services are not known', async () => {
    await using gateway = await listening(program(main, ['--port', '0', '--consul-url', 'http://127.0.0.1:1']), main)
    const answer = await post(`${gateway.url}/addsvc/sum`, { a: 1, b: 2 })
    expect(answer.status).toBe(503)
    expect(await (await fetch(`${gateway.url}/services`)).json()).toMatchObject({ addsvc: { instances: [] } })
    expect((await gateway.stop()).code).toBe(0)
  })

  it('given --help or a mistake, when it starts, then it says what it takes, or which option is wrong', async () => {
    const help = await ran(main, ['--help'])
    expect(help.code).toBe(0)
    expect(help.out).toContain('--consul-url URL')
    const wrong = await ran(main, ['--consul-url', 'consul'])
    expect([wrong.code, wrong.err]).toEqual([
      2,
      '--consul-url: takes a URL such as http://127.0.0.1:8500, and not "consul"\n',
    ])
  })
})
