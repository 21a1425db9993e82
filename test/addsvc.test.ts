// examples/addsvc as a process: asked over every wire, by what speaks that wire and nothing else. What it must say where
// Go kit's addsvc is there too, byte for byte, was captured from that one: go-kit/kit 0.10, built with Go 1.26.
import { once } from 'node:events'
import { connect as dial } from 'node:http2'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { generations } from '../packages/transport-nats/test/clients.ts'
import { listening, program, ran, type Server } from './program.ts'

const main = 'examples/addsvc/dist/main.js'
const cli = 'examples/addsvc/dist/addcli.js'

/** The run's tests of NATS are skipped where there is no nats-server; in CI the run fails then. */
const noNats = process.env.TENON_TEST_NATS === undefined

interface Addsvc extends Server {
  readonly jsonrpc: string
  readonly grpc: string
  readonly nats: string | undefined
}

const anywhere = ['http', 'grpc', 'jsonrpc', 'nats'].flatMap((wire) => [`--${wire}-addr`, '127.0.0.1:0'])

async function addsvc(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Addsvc> {
  const running = await listening(program(main, [...anywhere, ...args], env), main)
  const at = (wire: string) => new RegExp(`^ {2}${wire} at (\\S+)$`, 'm').exec(running.out())?.[1]
  await vi.waitFor(() => expect(running.out()).toMatch(/^ {2}nats .*$/m), 5_000)
  return { ...running, jsonrpc: at('jsonrpc') ?? '', grpc: at('grpc') ?? '', nats: at('nats') }
}

let service: Addsvc
beforeAll(async () => {
  service = await addsvc(['--per-second', '100000'])
}, 30_000)
afterAll(() => service[Symbol.asyncDispose]())

const json = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

describe('HTTP', () => {
  const wire: readonly (readonly [path: string, body: string, status: number, answer: string])[] = [
    ['/sum', '{"a":1,"b":2}', 200, '{"v":3}\n'],
    // As Go kit's own client sends it.
    ['/sum', '{"A":1,"B":2}\n', 200, '{"v":3}\n'],
    ['/sum', '{"a":0,"b":0}', 400, '{"error":"can\'t sum two zeroes"}\n'],
    ['/sum', '{}', 400, '{"error":"can\'t sum two zeroes"}\n'],
    ['/sum', 'null', 400, '{"error":"can\'t sum two zeroes"}\n'],
    ['/sum', '{"a":null,"x":3,"b":2}', 200, '{"v":2}\n'],
    ['/sum', '{"a":2147483647,"b":1}', 400, '{"error":"integer overflow"}\n'],
    ['/sum', '{"a":-2147483648,"b":-1}', 400, '{"error":"integer overflow"}\n'],
    ['/concat', '{"a":"1","b":"2"}', 200, '{"v":"12"}\n'],
    ['/concat', '{"A":"<&>","B":"\\u2028"}', 200, '{"v":"\\u003c\\u0026\\u003e\\u2028"}\n'],
    ['/concat', '{"a":"12345","b":"678901"}', 400, '{"error":"result exceeds maximum size"}\n'],
    ['/concat', '{"a":"\u00e9\u00e9\u00e9\u00e9\u00e9","b":"x"}', 400, '{"error":"result exceeds maximum size"}\n'],
    ['/concat', '{}', 200, '{"v":""}\n'],
  ]

  it('says what Go kit says, byte for byte, whatever the verb and the content type', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'])
      for (const [path, body, status, answer] of wire) {
        const response = await fetch(service.url + path, { method, body })
        expect([path, body, response.status, await response.text()]).toEqual([path, body, status, answer])
        // Go kit says so of successes only.
        expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
      }
  })

  it('what is no such input is 500 and words, as there; what no number holds is refused, and not rounded', async () => {
    const wrong = ['', '[]', '{"a":1.5,"b":1}', '{"a":"1","b":1}', '{"a":9007199254740993,"b":-9007199254740992}']
    for (const body of wrong) {
      const response = await fetch(`${service.url}/sum`, { method: 'POST', body })
      expect([body, response.status, await response.json()]).toEqual([
        body,
        500,
        { error: expect.stringMatching(/\S/) },
      ])
    }
  })

  it('below zero is a sum like any other, where Go kit panics: its counter may not go down', async () => {
    expect(await (await json(`${service.url}/sum`, { a: -5, b: 1 })).text()).toBe('{"v":-4}\n')
    const page = await (await fetch(`${service.url}/metrics`)).text()
    expect(page).toMatch(/^example_addsvc_integers_summed [1-9]\d*$/m)
    expect(page).toMatch(/^example_addsvc_characters_concatenated [1-9]\d*$/m)
  })

  it("the contract beside it: a failure has a status, a tag and its details, a wrong input its fields' names", async () => {
    const post = async (method: string, body: unknown) => {
      const answer = await json(`${service.url}/v1/${method}`, body)
      return [answer.status, await answer.json()]
    }
    expect(await post('sum', { a: 1, b: 2 })).toEqual([200, { v: 3 }])
    expect(await post('sum', { a: 0, b: 0 })).toMatchObject([400, { code: 'invalid_argument', tag: 'TwoZeroes' }])
    expect(await post('sum', { a: 2 ** 31, b: 0 })).toMatchObject([400, { code: 'out_of_range', tag: 'IntOverflow' }])
    const long = { tag: 'MaxSizeExceeded', detail: 'result exceeds maximum size', details: { limit: 10 } }
    expect(await post('concat', { a: 'longer than', b: '' })).toMatchObject([400, long])
    expect(await post('sum', { A: 1, b: 1.5 })).toMatchObject([
      400,
      { details: { issues: [{ path: 'a' }, { path: 'b' }, { path: 'A' }] } },
    ])
    const document = await (await fetch(`${service.url}/openapi.json`)).json()
    expect(document).toMatchObject({ info: { title: 'Add' }, paths: { '/v1/sum': {}, '/v1/concat': {} } })
  })
})

describe('JSON-RPC', () => {
  const rpc = async (method: string, params: object, path = ''): Promise<unknown> => {
    const answer = await json(`${service.jsonrpc}/${path}`, { jsonrpc: '2.0', method, params, id: 1 })
    expect(answer.status).toBe(200)
    return answer.json()
  }

  it('answers as Go kit does, at any path, also its own client, which writes names in capitals', async () => {
    expect(await rpc('sum', { a: 1, b: 2 })).toEqual({ jsonrpc: '2.0', result: { v: 3 }, id: 1 })
    expect(await rpc('sum', { A: 1, B: 2 }, 'any/path')).toEqual({ jsonrpc: '2.0', result: { v: 3 }, id: 1 })
    expect(await rpc('concat', { A: '1', B: '2' })).toEqual({ jsonrpc: '2.0', result: { v: '12' }, id: 1 })
    expect(await rpc('sum', { a: '0', b: 0 })).toMatchObject({ error: { code: -32000 }, id: 1 })
    expect(await rpc('sub', { a: 1, b: 2 })).toMatchObject({ error: { code: -32601 }, id: 1 })
    expect((await fetch(service.jsonrpc)).status).toBe(405)
  })

  it('E-1: a failure of the business is an error, where Go kit answers with zero', async () => {
    const data = { code: 'invalid_argument', tag: 'TwoZeroes' }
    expect(await rpc('sum', { a: 0, b: 0 })).toEqual({
      jsonrpc: '2.0',
      error: { code: -32602, message: "can't sum two zeroes", data },
      id: 1,
    })
    expect(await rpc('sum', { a: 2 ** 31 - 1, b: 1 })).toMatchObject({ error: { data: { tag: 'IntOverflow' } } })
    expect(await rpc('concat', { a: 'longer than', b: '' })).toMatchObject({
      error: { message: 'result exceeds maximum size', data: { details: { limit: 10 } } },
    })
  })
})

describe('gRPC', () => {
  /** One call on bare HTTP/2: the bytes of its message there and back. */
  async function unary(path: string, message: Buffer): Promise<{ status: string; message: string; bytes: Buffer }> {
    const session = dial(`http://${service.grpc}`)
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const headers: Record<string, unknown> = {}
    stream.on('response', (given) => Object.assign(headers, given))
    stream.on('trailers', (given) => Object.assign(headers, given))
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(message.length, 1)
    stream.end(Buffer.concat([frame, message]))
    const bytes = Buffer.concat(await stream.toArray())
    session.close()
    const words = decodeURIComponent(String(headers['grpc-message'] ?? ''))
    return { status: String(headers['grpc-status']), message: words, bytes: bytes.subarray(5) }
  }
  const text = (field: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([(field << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)])
  const numbers = (a: number, b: number): Buffer => Buffer.from([...(a ? [8, a] : []), ...(b ? [16, b] : [])])

  it('pb.Add has the bytes of Go kit: a failure of the business is a text in the reply, and the call a success', async () => {
    const ask = async (method: string, message: Buffer) => {
      const { status, bytes } = await unary(`/pb.Add/${method}`, message)
      expect([method, status]).toEqual([method, '0'])
      return bytes
    }
    expect(await ask('Sum', numbers(1, 2))).toEqual(Buffer.from([8, 3]))
    expect(await ask('Sum', numbers(0, 0))).toEqual(text(2, "can't sum two zeroes"))
    expect(await ask('Sum', Buffer.from('08ffffffff071001', 'hex'))).toEqual(text(2, 'integer overflow'))
    expect(await ask('Concat', Buffer.concat([text(1, 'a'), text(2, '<\u00e9>')]))).toEqual(text(1, 'a<\u00e9>'))
    expect(await ask('Concat', text(1, 'longer than'))).toEqual(text(2, 'result exceeds maximum size'))
    expect(await ask('Concat', Buffer.alloc(0))).toEqual(Buffer.alloc(0))
  })

  it('the contract beside it: a failure is a status, which every client can tell from a success', async () => {
    expect(await unary('/add.v1.Add/Sum', numbers(1, 2))).toMatchObject({ status: '0', bytes: Buffer.from([8, 3]) })
    const zeroes = await unary('/add.v1.Add/Sum', numbers(0, 0))
    expect(zeroes).toMatchObject({ status: '3', message: "can't sum two zeroes", bytes: Buffer.alloc(0) })
    expect(await unary('/add.v1.Add/Sum', Buffer.from('08ffffffff071001', 'hex'))).toMatchObject({ status: '11' })
    // 2^53 + 1, which no number holds.
    const inexact = await unary('/add.v1.Add/Sum', Buffer.from('0881808080808080101001', 'hex'))
    expect(inexact).toMatchObject({ status: '3' })
  })

  it('answers probes, and tells its types to those who ask', async () => {
    expect((await unary('/grpc.health.v1.Health/Check', Buffer.alloc(0))).bytes).toEqual(Buffer.from([8, 1]))
    // list_services
    const { bytes } = await unary('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', text(7, ''))
    for (const name of ['add.v1.Add', 'pb.Add', 'grpc.health.v1.Health'])
      expect(bytes.toString('latin1')).toContain(name)
  })
})

describe.skipIf(noNats)('NATS', () => {
  const asked = async (subject: string, body: unknown) => {
    const [, { connect }] = generations as [unknown, (typeof generations)[number]]
    const connection = await connect({ servers: service.nats as string })
    try {
      const { data, headers } = await connection.request(subject, JSON.stringify(body), { timeout: 5_000 })
      const marks = headers && { code: headers.values('Nats-Service-Error-Code')[0], keys: headers.keys().length }
      return { body: JSON.parse(Buffer.from(data).toString()), marks }
    } finally {
      await connection.close()
    }
  }

  it('is a service of the contract, which the tools of NATS find; a failure is marked in the headers', async () => {
    expect(await asked('add.v1.Add.sum', { a: 1, b: 2 })).toEqual({ body: { v: 3 }, marks: undefined })
    expect(await asked('add.v1.Add.concat', { a: 'a', b: 'b' })).toMatchObject({ body: { v: 'ab' } })
    const refused = { body: { tag: 'TwoZeroes', code: 'invalid_argument' }, marks: { code: '400' } }
    expect(await asked('add.v1.Add.sum', { a: 0, b: 0 })).toMatchObject(refused)
    expect(await asked('$SRV.PING', {})).toMatchObject({ body: { name: 'add-v1-Add', version: '1.0.0' } })
  })
})

describe('the rate limit', () => {
  it('E-5: given one sum in a hundred seconds, when more come, then they hear when to come again, on each wire, and open no breaker', async () => {
    await using slow = await addsvc(['--per-second', '0.01'])
    const sum = () => json(`${slow.url}/v1/sum`, { a: 1, b: 2 })
    expect((await sum()).status).toBe(200)
    const answers = await Promise.all(Array.from({ length: 10 }, sum))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]))
    expect(answers[0]?.headers.get('retry-after')).toMatch(/^(?:\d\d|100)$/)
    expect(await answers[0]?.json()).toMatchObject({ code: 'resource_exhausted', tag: 'RateLimited' })
    // What Go kit says then.
    const goKit = await json(`${slow.url}/sum`, { a: 1, b: 2 })
    expect([goKit.status, await goKit.text()]).toEqual([500, '{"error":"rate limit exceeded"}\n'])
    const busy = await ran(cli, ['--grpc-addr', slow.grpc, 'sum', '1', '2'])
    expect(busy).toEqual({ code: 3, out: '', err: 'addcli: rate limit exceeded\n' })
    // Texts come a hundred at once.
    const texts = await Promise.all(Array.from({ length: 50 }, () => json(`${slow.url}/v1/concat`, { a: '', b: '' })))
    expect(new Set(texts.map(({ status }) => status))).toEqual(new Set([200]))
    const page = await (await fetch(`${slow.url}/metrics`)).text()
    expect(page).toContain('tenon_limiter_rejected_total{limiter="sum",why="rate"} 12\n')
    expect(page).not.toMatch(/^tenon_breaker_transitions_total\{/m)
  })
})

describe('addcli', () => {
  const wires = ['http', 'jsonrpc', 'grpc', 'nats'] as const
  type Wire = (typeof wires)[number]
  const there = wires.filter((wire) => wire !== 'nats' || !noNats)
  const at = (wire: Wire): string[] => [`--${wire}-addr`, (wire === 'http' ? service.url : service[wire]) as string]

  it.each(there)('over %s: answers and refusals, the same on each wire', async (wire) => {
    const asJson = '{"error":{"tag":"TwoZeroes","code":"invalid_argument","message":"can\'t sum two zeroes"}}\n'
    const calls: readonly (readonly [args: readonly string[], code: number, out: string, err?: string])[] = [
      [['sum', '1', '-2'], 0, '1 + -2 = -1\n'],
      [['concat', 'a b', '"\u00e9"'], 0, '"a b" + "\\"\u00e9\\"" = "a b\\"\u00e9\\""\n'],
      [['sum', '1', '2', '--json'], 0, '{"v":3}\n'],
      [['--json', 'sum', '0', '0'], 1, asJson],
      [['sum', '2147483647', '1'], 1, '', 'addcli: integer overflow\n'],
      [['concat', '12345', '678901'], 1, '', 'addcli: result exceeds maximum size\n'],
    ]
    await Promise.all(
      calls.map(async ([args, code, out, err = '']) =>
        expect([args, await ran(cli, [...at(wire), ...args])]).toEqual([args, { code, out, err }]),
      ),
    )
  })

  it.each(wires)('over %s, given nobody there, then one line says who was called, and it ends with 3', async (wire) => {
    const [line, asJson] = await Promise.all([
      ran(cli, [`--${wire}-addr`, '127.0.0.1:1', 'sum', '1', '2']),
      ran(cli, [`--${wire}-addr`, '127.0.0.1:1', '--json', 'sum', '1', '2']),
    ])
    expect(line).toMatchObject({ code: 3, out: '' })
    expect(line.err).toMatch(/^addcli: .*127\.0\.0\.1:1\b.*; npm run example -- addsvc starts one\n$/)
    expect(asJson).toMatchObject({ code: 3, err: '' })
    expect(JSON.parse(asJson.out)).toMatchObject({ error: { code: 'unavailable' } })
  })

  it('given one who takes calls and never answers, then it ends with 3 when the time is up', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const place = `127.0.0.1:${(silent.address() as AddressInfo).port}`
    const all = await Promise.all(wires.map((wire) => ran(cli, [`--${wire}-addr`, place, 'sum', '1', '2'])))
    silent.close()
    for (const ended of all) expect(ended).toEqual({ code: 3, out: '', err: expect.stringMatching(/^addcli: .+\n$/) })
  }, 30_000)

  it.skipIf(noNats)('given NATS and no addsvc on it, then it hears so at once', async () => {
    const began = performance.now()
    const ended = await ran(cli, ['--nats-addr', process.env.TENON_TEST_NATS as string, 'sum', '1', '2'])
    expect(ended).toMatchObject({ code: 3, out: '', err: expect.stringContaining('addcli: ') })
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('without an address it calls addsvc where that usually is, over HTTP', async () => {
    expect((await ran(cli, ['--help'])).out).toContain('127.0.0.1:8081; so it does where no address is given')
    const usual = await addsvc(['--http-addr', '127.0.0.1:8081']).catch(() => undefined)
    // Somebody else may have that port on this machine.
    if (usual === undefined) return
    await using _ = usual
    expect(await ran(cli, ['--method', 'concat', 'a', 'b'])).toEqual({ code: 0, out: '"a" + "b" = "ab"\n', err: '' })
  })

  it('given a mistake on the command line, then one line and 2, and nobody is called; --help explains', async () => {
    const mistakes: readonly (readonly [args: readonly string[], says: string])[] = [
      [[], 'a method is missing: sum or concat'],
      [['sub', '1', '2'], 'no method is called "sub": sum or concat'],
      [['sum', '1'], 'sum takes two words and not 1'],
      [['sum', '1', '2', '3'], 'sum takes two words and not 3'],
      [['sum', '1', 'x'], 'sum takes whole numbers up to 2^53, and not "x"'],
      [['sum', '1.5', '1'], 'sum takes whole numbers up to 2^53, and not "1.5"'],
      [['sum', '9007199254740993', '1'], 'sum takes whole numbers up to 2^53, and not "9007199254740993"'],
      [
        ['--http-addr', 'x', 'sum', '1', '2'],
        '--http-addr: an address is HOST:PORT, such as 127.0.0.1:8081, and not "x"',
      ],
      [
        ['--http-addr', ':1', '--nats-addr', ':2', 'sum', '1', '2'],
        'one address is enough, and not --http-addr and --nats-addr',
      ],
      [['--thrift-addr', ':1', 'sum', '1', '2'], "Unknown option '--thrift-addr'; --help lists what there is"],
    ]
    await Promise.all(
      mistakes.map(async ([args, says]) =>
        expect(await ran(cli, args)).toEqual({ code: 2, out: '', err: `${says}\n` }),
      ),
    )
    const help = await ran(cli, ['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('usage: npm run example -- addcli [options] sum|concat A B\n')
    for (const wire of wires) expect(help.out).toContain(`  --${wire}-addr HOST:PORT `)
  })
})

describe('addsvc as a program', () => {
  it('writes a line of JSON for each call', async () => {
    await json(`${service.url}/v1/concat`, { a: 'line', b: '' })
    const lines = () => service.out().split('\n')
    const line = await vi.waitFor(() => lines().find((each) => each.includes('"line"')) ?? Promise.reject(new Error()))
    const took = expect.any(Number)
    expect(JSON.parse(line)).toEqual({ method: 'concat', input: { a: 'line', b: '' }, output: { v: 'line' }, took })
  })

  it('given no nats-server to start, then a line says that NATS is off, and the other wires are there', async () => {
    await using alone = await addsvc([], { PATH: '' })
    expect(alone.nats).toBeUndefined()
    expect(alone.out()).toMatch(/^ {2}nats is off: no nats-server is on PATH .*--nats-url.*$/m)
    expect(await (await json(`${alone.url}/v1/sum`, { a: 1, b: 2 })).json()).toEqual({ v: 3 })
    expect((await alone.stop()).code).toBe(0)
  })

  it.skipIf(noNats)(
    'given the port of its nats-server is taken, then that is said, and the other wires are there',
    async () => {
      const taken = createServer()
      await once(taken.listen(0, '127.0.0.1'), 'listening')
      await using alone = await addsvc(['--nats-addr', `127.0.0.1:${(taken.address() as AddressInfo).port}`])
      taken.close()
      expect(alone.out()).toMatch(/^ {2}nats is off: nats-server does not start: .*address already in use.*$/m)
    },
  )

  it.skipIf(noNats)('given --nats-url, then it serves there and starts none', async () => {
    await using there = await addsvc(['--nats-url', `nats://${process.env.TENON_TEST_NATS}`])
    expect(there.nats).toBe(`nats://${process.env.TENON_TEST_NATS}`)
    const ended = await ran(cli, ['--nats-addr', process.env.TENON_TEST_NATS as string, 'sum', '1', '2'])
    expect(ended).toEqual({ code: 0, out: '1 + 2 = 3\n', err: '' })
  })

  it('given a --nats-url where nobody is, then it does not start: one line and 1', async () => {
    const ended = await ran(main, [...anywhere, '--nats-url', 'nats://127.0.0.1:1'])
    const err = expect.stringMatching(/^no NATS server answers at nats:\/\/127\.0\.0\.1:1 \(.+\)\n$/)
    expect(ended).toEqual({ code: 1, out: '', err })
  })

  it('given a port that is taken, whichever, then one line says so, it ends with 1, and holds nothing', async () => {
    const place = (url: string) => url.replace('http://', '')
    const taken = { http: place(service.url), grpc: service.grpc, jsonrpc: place(service.jsonrpc) }
    await Promise.all(
      Object.entries(taken).map(async ([wire, at]) => {
        const { code, out, err } = await ran(main, [...anywhere, `--${wire}-addr`, at])
        expect([wire, code, out]).toEqual([wire, 1, ''])
        expect(err).toMatch(
          /^(http|grpc)\.serve: port \d+ of 127\.0\.0\.1 is in use; --help says how to take another one\n$/,
        )
        expect(err).toContain(at.split(':')[1])
      }),
    )
  })

  it('given a mistake on the command line, then one line and 2; --help explains', async () => {
    const mistakes: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['--per-second', '0'], /^--per-second: takes a number above 0, up to a million, and not "0"\n$/],
      [['--grpc-addr', '8082'], /^--grpc-addr: an address is HOST:PORT, such as 127\.0\.0\.1:8081, and not "8082"\n$/],
      [['--http-addr', ':70000'], /^--http-addr: an address is HOST:PORT, .* and not ":70000"\n$/],
      [['sum'], /^Unexpected argument 'sum'.*; --help lists what there is\n$/],
    ]
    await Promise.all(
      mistakes.map(async ([args, says]) =>
        expect(await ran(main, args)).toEqual({ code: 2, out: '', err: expect.stringMatching(says) }),
      ),
    )
    const help = await ran(main, ['--help'])
    expect(help).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('usage: npm run example -- addsvc [options]\n'),
    })
    expect(help.out).toContain('Ctrl-C stops it')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'given %s, then it finishes the call in flight, and takes its nats-server along',
    async (signal) => {
      await using one = await addsvc()
      const socket = connect({ port: Number(new URL(one.url).port), host: '127.0.0.1' })
      socket.write('POST /v1/sum HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n')
      socket.write('content-length: 13\r\nexpect: 100-continue\r\n\r\n')
      expect(String(await once(socket, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n')
      const ended = one.stop(signal)
      await vi.waitFor(() => expect(fetch(one.url)).rejects.toThrow(), 5_000)
      socket.write('{"a":1,"b":2}')
      expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"v":3\}$/)
      expect(await ended).toMatchObject({ code: 0, err: '' })
      for (const place of [one.grpc, one.jsonrpc.slice(7), ...(one.nats === undefined ? [] : [one.nats.slice(7)])]) {
        const [host = '', port] = place.split(':')
        await expect(once(connect({ host, port: Number(port) }), 'connect'), place).rejects.toThrow('ECONNREFUSED')
      }
    },
  )
})
