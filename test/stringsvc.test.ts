// The steps of examples/stringsvc as processes. What they must say, byte for byte, is what Go kit 0.13's stringsvc says:
// captured from one built with Go 1.26.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { call } from '@tenon/endpoint'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { publishers } from '../examples/stringsvc/src/queueing.ts'
import { generations } from '../packages/transport-nats/test/clients.ts'
import { type NatsServer, startNats } from '../packages/transport-nats/test/nats-server.ts'
import { ran, type Server, server } from './program.ts'

const [, { connect: connectNats }] = generations as [unknown, (typeof generations)[number]]

const at = (step: string): string => `examples/stringsvc/dist/${step}.js`

/** What curl sends with `-d`: it says that it is a form. */
const curl = (url: string, body: string, verb = 'POST'): Promise<Response> =>
  fetch(url, { method: verb, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })

/** The calls of the contract's own wire. */
const json = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

const goKit: readonly (readonly [path: string, body: string, status: number, answer: string])[] = [
  ['/uppercase', '{"s":"hello, world"}', 200, '{"v":"HELLO, WORLD"}\n'],
  ['/count', '{"s":"hello, world"}', 200, '{"v":12}\n'],
  ['/uppercase', '{"s":""}', 200, '{"v":"","err":"empty string"}\n'],
  ['/uppercase', '{}', 200, '{"v":"","err":"empty string"}\n'],
  ['/uppercase', '{"s":null,"x":1}', 200, '{"v":"","err":"empty string"}\n'],
  ['/count', '{"s":""}', 200, '{"v":0}\n'],
  ['/count', '{"s":"h\u00e9llo"}', 200, '{"v":6}\n'],
  [
    '/uppercase',
    '{"s":"h\\u00e9llo <b>&\\u2028 \\"q\\" \\u0001 \\u0008 \\u000c / \\u007f"}',
    200,
    '{"v":"H\u00c9LLO \\u003cB\\u003e\\u0026\\u2028 \\"Q\\" \\u0001 \\b \\f / \u007f"}\n',
  ],
]

/** Where there is no nats-server, the step that needs one is skipped; in CI the run fails then. */
const nats = process.env.TENON_TEST_NATS
const queueing = nats === undefined ? [] : (['step5'] as const)
const steps = ['step1', 'step2', 'step3', 'step4', ...queueing] as const
const running = new Map<string, Server>()
/** It starts a NATS server of its own. */
const argsOf = (step: string): string[] => (step === 'step5' ? ['--nats-addr', '127.0.0.1:0'] : [])
beforeAll(async () => {
  const start = async (step: string) => void running.set(step, await server(at(step), argsOf(step)))
  await Promise.all([...steps, 'step1-contract'].map(start))
}, 30_000)
afterAll(async () => {
  await Promise.all([...running.values()].map((one) => one[Symbol.asyncDispose]()))
})
const urlOf = (step: string): string => (running.get(step) as Server).url

describe.each(steps)('%s', (step) => {
  it('says what Go kit says, byte for byte', async () => {
    for (const [path, body, status, answer] of goKit) {
      const response = await curl(urlOf(step) + path, body)
      expect([path, body, response.status, await response.text()]).toEqual([path, body, status, answer])
    }
  })

  it('asks for no verb, as Go kit does not; what is no JSON, or no text, is 500 and words', async () => {
    for (const verb of ['PUT', 'PATCH', 'DELETE'])
      expect(await (await curl(`${urlOf(step)}/uppercase`, '{"s":"a"}', verb)).text()).toBe('{"v":"A"}\n')
    for (const body of ['', '{"s":', '{"s":1}', '[]']) {
      const response = await curl(`${urlOf(step)}/uppercase`, body)
      expect([body, response.status]).toEqual([body, 500])
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toMatch(/^\S.*\S$/)
    }
  })

  it('E-12: a success says that it is JSON, where Go kit leaves it to Go, which takes it for plain text', async () => {
    for (const body of ['{"s":"a"}', '{"s":""}'])
      expect((await curl(`${urlOf(step)}/uppercase`, body)).headers.get('content-type')).toBe('application/json')
  })
})

describe('the contract beside it', () => {
  const wire = [
    ['step1-contract', ''],
    ['step2', '/v1'],
    ['step3', '/v1'],
    ['step4', '/v1'],
    ...queueing.map((step) => [step, '/v1'] as const),
  ] as const

  it.each(wire)(
    'in %s, under "%s": a failure has a status and a tag, a wrong input its fields',
    async (step, prefix) => {
      const url = urlOf(step) + prefix
      const capitals = await json(`${url}/uppercase`, { s: 'hello, world' })
      expect([capitals.status, await capitals.text()]).toEqual([200, '{"v":"HELLO, WORLD"}'])
      expect(await (await json(`${url}/count`, { s: 'h\u00e9llo' })).json()).toEqual({ v: 6 })
      const empty = await json(`${url}/uppercase`, { s: '' })
      expect([empty.status, empty.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
      expect(await empty.json()).toEqual({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'empty string',
        code: 'invalid_argument',
        tag: 'EmptyString',
      })
      expect(await (await json(`${url}/count`, { s: 1, x: 2 })).json()).toMatchObject({
        detail: 's: expected string, got number (and 1 more)',
        details: { issues: [{ path: 's' }, { path: 'x' }] },
      })
      expect((await curl(`${url}/count`, '{"s":"a"}')).status).toBe(415)
    },
  )
})

describe('step2', () => {
  it('writes a line for each call, and counts by method and code, on both wires', async () => {
    await using fresh = await server(at('step2'))
    await curl(`${fresh.url}/uppercase`, '{"s":"oak"}')
    await curl(`${fresh.url}/uppercase`, '{"s":""}')
    await json(`${fresh.url}/v1/count`, { s: 'elm' })
    const page = await (await fetch(`${fresh.url}/metrics`)).text()
    const labels = (method: string, code: string) => `{contract="strings.v1.Strings",method="${method}",code="${code}"}`
    expect(page).toContain(`tenon_server_calls_total${labels('uppercase', 'ok')} 1\n`)
    expect(page).toContain(`tenon_server_calls_total${labels('uppercase', 'invalid_argument')} 1\n`)
    expect(page).toContain(`tenon_server_calls_total${labels('count', 'ok')} 1\n`)
    expect(page).toContain('stringsvc_count_result_sum 3\n')
    expect((await fetch(`${fresh.url}/metrics`, { method: 'POST' })).status).toBe(405)
    const { out } = await fresh.stop()
    const lines = out.split('\n').filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { method: 'uppercase', input: 'oak', output: { v: 'OAK' }, took: expect.any(Number) },
      { method: 'uppercase', input: '', failure: 'EmptyString', took: expect.any(Number) },
      { method: 'count', input: 'elm', output: { v: 3 }, took: expect.any(Number) },
    ])
  })
})

describe('step3 with --proxy', () => {
  let three: Server[] = []
  let proxy: Server
  beforeAll(async () => {
    three = await Promise.all([server(at('step2')), server(at('step2')), server(at('step2'))])
    proxy = await server(at('step3'), ['--proxy', three.map(({ url }) => url).join()])
  }, 30_000)
  afterAll(() => Promise.all([proxy, ...three].map((one) => one[Symbol.asyncDispose]())))

  /** How often each instance answered. */
  const calls = (of = three): Promise<number[]> =>
    Promise.all(
      of.map(async ({ url }) => {
        const page = await (await fetch(`${url}/metrics`)).text()
        return Number(/tenon_server_calls_total\{[^}]*method="uppercase",code="ok"\} (\d+)/.exec(page)?.[1])
      }),
    )
  const ask = async (): Promise<string> => (await curl(`${proxy.url}/uppercase`, '{"s":"a"}')).text()

  it('spreads uppercase over the instances and does count itself; nobody who asks can tell', async () => {
    for (const [path, body, status, answer] of goKit) {
      const response = await curl(proxy.url + path, body)
      expect([path, body, response.status, await response.text()]).toEqual([path, body, status, answer])
    }
    const before = await calls()
    await Promise.all(Array.from({ length: 30 }, ask))
    const after = await calls()
    expect(after.map((count, n) => count - (before[n] ?? 0))).toEqual([10, 10, 10])
    // E-4: a failure that crossed two hops is still the one it was, on either wire.
    const empty = await json(`${proxy.url}/v1/uppercase`, { s: '' })
    expect([empty.status, await empty.json()]).toMatchObject([400, { tag: 'EmptyString', detail: 'empty string' }])
  })

  it('given an instance that is killed, and one that hangs, then every call is answered, and soon by the third alone', async () => {
    const [killed, hanging, well] = three as [Server, Server, Server]
    killed.child.kill('SIGKILL')
    hanging.child.kill('SIGSTOP')
    const answers = await Promise.all(Array.from({ length: 20 }, ask))
    expect(new Set(answers)).toEqual(new Set(['{"v":"A"}\n']))
    const page = await (await fetch(`${proxy.url}/metrics`)).text()
    expect(page).toMatch(/tenon_retries_total\{[^}]*method="uppercase"[^}]*\} [1-9]/)
    for (const { url } of [killed, hanging])
      expect(page).toContain(`tenon_breaker_state{breaker="uppercase at ${new URL(url).host}",key=""} 2\n`)
    const [before = 0] = await calls([well])
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array(10).fill('{"v":"A"}\n'))
    expect(await calls([well])).toEqual([before + 10])
  })

  it('given no instance that answers, then 500 and a text on one wire, unavailable on the other', async () => {
    await Promise.all(three.map((one) => one.stop('SIGKILL')))
    const answer = await curl(`${proxy.url}/uppercase`, '{"s":"a"}')
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringMatching(/\S/)])
    const typed = await json(`${proxy.url}/v1/uppercase`, { s: 'a' })
    expect([typed.status, await typed.json()]).toMatchObject([503, { code: 'unavailable' }])
    expect(await (await curl(`${proxy.url}/count`, '{"s":"a"}')).text()).toBe('{"v":1}\n')
  })

  it('E-10: asks instances with POST, as they are asked by others, and says that it sends JSON; they may be Go', async () => {
    const seen: (string | undefined)[] = []
    const goLike = createServer((req, res) => {
      seen.push(req.method, req.headers['content-type'])
      // What a real one says of its JSON.
      res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('{"v":"FROM GO"}\n')
    })
    await once(goLike.listen(0, '127.0.0.1'), 'listening')
    const { port } = goLike.address() as AddressInfo
    await using proxy = await server(at('step3'), ['--proxy', `http://127.0.0.1:${port}/`])
    expect(await (await curl(`${proxy.url}/uppercase`, '{"s":"a"}')).text()).toBe('{"v":"FROM GO"}\n')
    expect(seen).toEqual(['POST', 'application/json'])
    goLike.close()
    goLike.closeAllConnections()
  })
})

describe('step4', () => {
  const rpc = async (body: unknown): Promise<unknown> => (await json(`${urlOf('step4')}/rpc`, body)).json()
  const of = (method: string, s: string, id?: unknown) => ({ jsonrpc: '2.0', method, params: { s }, id })

  it('answers calls by name, a batch in its order, and no notification', async () => {
    expect(await rpc(of('uppercase', 'hello, world', 1))).toEqual({
      jsonrpc: '2.0',
      result: { v: 'HELLO, WORLD' },
      id: 1,
    })
    const batch = [of('count', 'h\u00e9llo', 'a'), of('count', 'x'), of('lowercase', 'x', 'b')]
    expect(await rpc(batch)).toMatchObject([
      { result: { v: 6 }, id: 'a' },
      { error: { code: -32601 }, id: 'b' },
    ])
    expect((await json(`${urlOf('step4')}/rpc`, of('count', 'x'))).status).toBe(204)
  })

  it('E-1: a failure of the business is an error, which a client has as it was', async () => {
    expect(await rpc(of('uppercase', '', 1))).toEqual({
      jsonrpc: '2.0',
      error: { code: -32602, message: 'empty string', data: { code: 'invalid_argument', tag: 'EmptyString' } },
      id: 1,
    })
  })
})

describe.skipIf(nats === undefined)('step5', () => {
  const place = () => /NATS at nats:\/\/(\S+)/.exec((running.get('step5') as Server).out())?.[1] as string
  const callsOf = async ({ url }: Server, method = 'uppercase'): Promise<number> => {
    const page = await (await fetch(`${url}/metrics`)).text()
    return Number(new RegExp(`tenon_server_calls_total\\{[^}]*method="${method}",code="ok"\\} (\\d+)`).exec(page)?.[1])
  }

  it('has the subjects and bodies of Go kit: errors that are replies like any other, but marked for those who look', async () => {
    const connection = await connectNats({ servers: place() })
    const ask = async (method: string, body: string) => {
      const { data, headers } = await connection.request(`stringsvc.${method}`, body, { timeout: 5_000 })
      return [Buffer.from(data).toString(), headers?.values('Nats-Service-Error-Code')[0]]
    }
    try {
      expect(await ask('uppercase', '{"s":"a"}')).toEqual(['{"v":"A"}', undefined])
      expect(await ask('uppercase', '{"s":"<&>\\u2028"}')).toEqual(['{"v":"\\u003c\\u0026\\u003e\\u2028"}', undefined])
      expect(await ask('uppercase', '{"s":"","x":1}')).toEqual(['{"v":"","err":"empty string"}', '400'])
      expect(await ask('count', '{"s":"h\u00e9"}')).toEqual(['{"v":3}', undefined])
      expect(await ask('count', '{}')).toEqual(['{"v":0}', undefined])
      for (const body of ['{"s":1}', '{', ''])
        expect(await ask('count', body)).toEqual([expect.stringMatching(/^\{"err":"[^"]+"\}$/), '400'])
      const contract = await connection.request('strings.v1.Strings.count', '{"s":"abc"}', { timeout: 5_000 })
      expect(Buffer.from(contract.data).toString()).toBe('{"v":3}')
    } finally {
      await connection.close()
    }
  })

  it('given two of them at one NATS server, then each call is done by one of the two, whichever took it', async () => {
    const one = running.get('step5') as Server
    await using other = await server(at('step5'), ['--nats-url', `nats://${place()}`])
    const before = await callsOf(one)
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, n) =>
        (await curl(`${[one, other][n % 2]?.url}/uppercase`, '{"s":"a"}')).text(),
      ),
    )
    expect(new Set(answers)).toEqual(new Set(['{"v":"A"}\n']))
    const [here, there] = [(await callsOf(one)) - before, await callsOf(other)]
    expect([here + there, Math.min(here, there) > 0]).toEqual([60, true])
  })

  it("given a Go program that cannot do the work, then its error is one, where Go kit's client takes it for a count of 0", async () => {
    const connection = await connectNats({ servers: nats as string })
    await using published = publishers(connection)
    const { uppercase, count } = published
    try {
      expect(await call(count, { s: '' })).toMatchObject({ left: { _tag: 'Unavailable' } })
      // Answers as Go kit's subscribers give them, with no word in the headers.
      const go = { 'stringsvc.count': '{"err":"unexpected end of JSON input"}', 'stringsvc.uppercase': '' }
      for (const subject of Object.keys(go) as (keyof typeof go)[])
        connection.subscribe(subject, {
          callback: (_, { reply }) => void connection.publish(reply as string, go[subject]),
        })
      await connection.flush()
      const error = { code: 'internal', message: 'unexpected end of JSON input' }
      expect(await call(count, { s: '' })).toMatchObject({ left: error })
      go['stringsvc.count'] = '{"v":3}'
      expect(await call(count, { s: '' })).toMatchObject({ right: { v: 3 } })
      for (const [answer, outcome] of [
        ['{"v":"A"}', { right: { v: 'A' } }],
        ['{"v":"","err":"empty string"}', { left: { _tag: 'EmptyString', message: 'empty string' } }],
        ['{"err":"unexpected end of JSON input"}', { left: error }],
        ['{}', { left: { code: 'internal', message: 'neither v nor err' } }],
        ['nonsense', { left: { code: 'internal' } }],
      ] as const) {
        go['stringsvc.uppercase'] = answer
        expect(await call(uppercase, { s: '' })).toMatchObject(outcome)
      }
    } finally {
      await connection.close()
    }
  })

  it('given a NATS server that goes, then calls fail at once, as unavailable; when it is back, they go through', async () => {
    await using own = (await startNats()) as NatsServer
    await using one = await server(at('step5'), ['--nats-url', `nats://${own.url}`])
    expect(await (await curl(`${one.url}/count`, '{"s":"a"}')).text()).toBe('{"v":1}\n')
    own.signal('SIGKILL')
    await expect.poll(async () => (await json(`${one.url}/v1/count`, { s: 'a' })).status, { timeout: 10_000 }).toBe(503)
    expect((await curl(`${one.url}/count`, '{"s":"a"}')).status).toBe(500)
    await own.restart()
    await expect.poll(async () => (await json(`${one.url}/v1/count`, { s: 'a' })).status, { timeout: 15_000 }).toBe(200)
    expect((await one.stop()).code).toBe(0)
  }, 40_000)

  it('given no NATS server, neither there nor to be started, then one line says so, and it ends with 1', async () => {
    const none = await ran(at('step5'), ['--port', '0'], { PATH: '' })
    expect(none).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^no nats-server is on PATH .*--nats-url.*\n$/),
    })
    const gone = await ran(at('step5'), ['--port', '0', '--nats-url', 'nats://127.0.0.1:1'])
    expect(gone).toMatchObject({ code: 1, err: expect.stringMatching(/^no NATS server answers at \S+:1 .*\n$/) })
  })
})

describe('every step as a program', () => {
  const all = [...steps, 'step1-contract']

  it('given a port that is taken, then one line says which and what to do, and it ends with 1', async () => {
    const { port } = new URL(urlOf('step1'))
    const says = `http.serve: port ${port} of 127.0.0.1 is in use; --port takes another one, --port 0 any that is free\n`
    for (const ended of await Promise.all(['step1', 'step3'].map((step) => ran(at(step), ['--port', port]))))
      expect(ended).toEqual({ code: 1, out: '', err: says })
  })

  it('given a mistake on the command line, then one line and 2; --help explains', async () => {
    const mistakes: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['--port', '1e3'], /^--port takes a number from 0 to 65535, and not "1e3"\n$/],
      [['--port', '-1'], /^Option '--port' argument is ambiguous; --help lists what there is\n$/],
      [['--prot', '1'], /^Unknown option '--prot'; --help lists what there is\n$/],
      [['--proxy', 'http://a:1,b'], /^--proxy takes URLs such as http:\/\/127.0.0.1:8081, and not "b"\n$/],
    ]
    await Promise.all(
      mistakes.map(async ([args, says]) =>
        expect(await ran(at('step3'), args)).toEqual({ code: 2, out: '', err: expect.stringMatching(says) }),
      ),
    )
    expect(await ran(at('step3'), ['--help'])).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^usage: npm run example -- stringsvc\/step3 \[options\]\n\n {2}--port 8080 .*\n {2}--proxy URL,URL .*$/m,
      ),
      err: '',
    })
  })

  // The last: it ends those that the others asked.
  it('given a signal, then it finishes the call in flight, and ends with 0', async () => {
    await Promise.all(
      all.map(async (step, n) => {
        const one = running.get(step) as Server
        const socket = connect({ port: Number(new URL(one.url).port), host: '127.0.0.1' })
        socket.write('POST /count HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n')
        socket.write('content-length: 9\r\nexpect: 100-continue\r\n\r\n')
        expect(String(await once(socket, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n')
        const ended = one.stop(n % 2 === 0 ? 'SIGTERM' : 'SIGINT')
        await vi.waitFor(() => expect(fetch(one.url)).rejects.toThrow(), 5_000)
        socket.write('{"s":"a"}')
        const answer = (await socket.toArray()).join('')
        expect([step, answer]).toEqual([step, expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"v":1\}\n?$/)])
        const { code, err } = await ended
        expect([step, code, err]).toEqual([step, 0, ''])
      }),
    )
  })
})
