// How a server ends, and what its clients see of that: in the middle of everything, and through a restart.
import { connect } from 'node:net'
import { contract, handler, implement, unary } from '@tenon/contract'
import { type Context, call, endpoint, fail, ok, type Telemetry } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { http, type RequestListener } from './index.ts'
import type { Running } from './running.ts'
import type { ServeOptions } from './serve.ts'

const Jobs = contract('jobs.v1.Jobs', {
  work: unary({ input: t.strict({ n: t.number }), output: t.number }),
  peek: unary({ input: t.strict({ n: t.number }), output: t.number, idempotent: true }),
})

interface Bench {
  readonly s: Running
  /** The calls that wait, in order of arrival. */
  readonly waiting: { readonly ctx: Context; readonly release: () => void }[]
}
const bench = async (options: ServeOptions = {}): Promise<Bench> => {
  const waiting: Bench['waiting'] = []
  const jobs = implement(Jobs, {
    work: handler(Jobs.methods.work, async ({ n }, ctx) => {
      await new Promise<void>((release) => waiting.push({ ctx, release }))
      return ok(n)
    }),
    peek: handler(Jobs.methods.peek, async ({ n }) => ok(n)),
  })
  return { s: await http.serve(jobs, { onTelemetry: () => {}, ...options }), waiting }
}
const arrived = (b: Bench, count: number): Promise<void> => expect.poll(() => b.waiting.length).toBe(count)
const request =
  'POST /jobs.v1.Jobs/work HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"n":1}'

describe('given a server that drains', () => {
  it('when calls are in flight, then they end with connection: close, new connections are refused, and it resolves after them', async () => {
    const b = await bench()
    await using c = http.client(Jobs, { url: b.s.url })
    const running = call(c.work, { n: 1 })
    const socket = connect({ port: b.s.port, host: '127.0.0.1' })
    socket.write(request)
    const text = socket.toArray().then((chunks) => chunks.join(''))
    await arrived(b, 2)
    let drained = false
    const draining = b.s.drain().then(() => {
      drained = true
    })
    expect(b.s.inFlight).toBe(2)
    await expect(fetch(b.s.url)).rejects.toThrow()
    expect(drained).toBe(false)
    for (const { release } of b.waiting) release()
    expect(await running).toEqual(ok(1))
    expect((await text).toLowerCase()).toMatch(/200 ok[\s\S]*connection: close[\s\S]*1$/)
    await draining
    expect(b.s.inFlight).toBe(0)
  })

  it('when a connection is idle, then it is closed at once, one that never spoke too', async () => {
    const b = await bench()
    const silent = connect({ port: b.s.port, host: '127.0.0.1' })
    await new Promise((resolve) => silent.once('connect', resolve))
    const kept = connect({ port: b.s.port, host: '127.0.0.1' })
    kept.write('GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n')
    await new Promise((resolve) => kept.once('data', resolve))
    const closed = [silent, kept].map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await b.s.drain()
    await Promise.all(closed)
  })

  it('when a request comes on a connection that is still open, then 503 and connection: close', async () => {
    const events: Telemetry[] = []
    const b = await bench({ onTelemetry: (event) => events.push(event) })
    const socket = connect({ port: b.s.port, host: '127.0.0.1' })
    const text = socket.toArray().then((chunks) => chunks.join(''))
    socket.write(request)
    await arrived(b, 1)
    const draining = b.s.drain()
    // Pipelined behind a call that runs: its own answer is the first to close the connection.
    socket.write(request)
    await expect.poll(() => events.length).toBe(1)
    b.waiting[0]?.release()
    expect((await text).toLowerCase()).toContain('connection: close')
    expect(events).toMatchObject([{ kind: 'server.rejected', reason: 'draining', failure: { code: 'unavailable' } }])
    await draining
  })

  it('when half of a request has come, then the rest is waited for, and it is answered 503', async () => {
    const b = await bench()
    const socket = connect({ port: b.s.port, host: '127.0.0.1' })
    const text = socket.toArray().then((chunks) => chunks.join(''))
    socket.write(request.slice(0, 30))
    await new Promise((resolve) => setTimeout(resolve, 30))
    const draining = b.s.drain()
    socket.write(request.slice(30))
    expect(await text).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/)
    await draining
  })

  it('when an answer is still being sent, then all of it arrives', async () => {
    const big = 'x'.repeat(20_000_000)
    const s = await http.serve([], { routes: { 'GET /big': (_, res) => void res.end(big) } })
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    socket.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n')
    await new Promise((resolve) => socket.once('readable', resolve))
    const draining = s.drain()
    let bytes = 0
    for await (const chunk of socket) bytes += (chunk as Buffer).length
    expect(bytes).toBeGreaterThan(big.length)
    await draining
  })

  it('when the signal aborts, then what is left is cancelled and its connection destroyed', async () => {
    const b = await bench()
    await using c = http.client(Jobs, { url: b.s.url })
    const running = call(c.work, { n: 1 })
    await arrived(b, 1)
    const abort = new AbortController()
    const draining = b.s.drain({ signal: abort.signal })
    abort.abort()
    await draining
    expect(await running).toMatchObject({ left: { _tag: 'Unavailable' } })
    expect(b.waiting[0]?.ctx.signal.reason).toMatchObject({ _tag: 'Cancelled', message: 'the server is stopping' })
    expect(b.s.inFlight).toBe(0)
    await b.s.drain({ signal: AbortSignal.abort() })
  })

  it('when it is disposed, then it waits for its grace and no longer; twice, and after drain, is harmless', async () => {
    const b = await bench({ grace: 50 })
    await using c = http.client(Jobs, { url: b.s.url })
    const running = call(c.work, { n: 1 })
    await arrived(b, 1)
    await Promise.all([b.s[Symbol.asyncDispose](), b.s[Symbol.asyncDispose]()])
    expect(await running).toMatchObject({ left: { _tag: 'Unavailable' } })
    await b.s.drain()
    await b.s[Symbol.asyncDispose]()
  })

  it('given calls in every state, when it is disposed in the middle, then each of them has one outcome', async () => {
    const b = await bench({ grace: 30 })
    const hanging = connect({ port: b.s.port, host: '127.0.0.1' })
    hanging.on('error', () => {})
    hanging.write(request.slice(0, -3))
    const rubbish = connect({ port: b.s.port, host: '127.0.0.1' })
    rubbish.on('error', () => {})
    rubbish.write('rubbish\r\n\r\n')
    const leaving = connect({ port: b.s.port, host: '127.0.0.1' })
    leaving.on('error', () => {})
    leaving.write(request)
    await using c = http.client(Jobs, { url: b.s.url })
    const calls = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? call(c.work, { n }) : call(c.peek, { n })))
    await expect.poll(() => b.waiting.length).toBeGreaterThan(5)
    leaving.destroy()
    const stopping = b.s[Symbol.asyncDispose]()
    for (const { release } of b.waiting.slice(0, 5)) release()
    await stopping
    for (const [n, outcome] of (await Promise.all(calls)).entries())
      if (outcome._tag === 'Right') expect(outcome.right).toBe(n)
      else expect(outcome.left.code).toBe('unavailable')
    for (const { release } of b.waiting) release()
    expect(b.s.inFlight).toBe(0)
  })
})

describe('given a client of a server that restarts', () => {
  it('when 100 calls run through the restart, then those in flight end, later ones are Unavailable or served, and after it all are served', async () => {
    const first = await bench()
    const { port } = first.s
    await using c = http.client(Jobs, { url: first.s.url })
    const inFlight = Array.from({ length: 100 }, (_, n) => call(c.work, { n }))
    await arrived(first, 100)
    const draining = first.s.drain()
    const refused = await call(c.peek, { n: 1 })
    expect(refused).toMatchObject({ left: { code: 'unavailable' } })
    for (const { release } of first.waiting) release()
    expect(await Promise.all(inFlight)).toEqual(Array.from({ length: 100 }, (_, n) => ok(n)))
    await draining
    const second = await bench({ port })
    const after = await Promise.all(Array.from({ length: 100 }, (_, n) => call(c.peek, { n })))
    expect(after).toEqual(Array.from({ length: 100 }, (_, n) => ok(n)))
    await second.s[Symbol.asyncDispose]()
    expect(await call(c.peek, { n: 1 })).toMatchObject(fail({ code: 'unavailable' } as never))
  })

  it('when it restarts again and again under load, then no call hangs and no failure is other than unavailable', {
    timeout: 20_000,
  }, async () => {
    let b = await bench()
    const { port } = b.s
    await using c = http.client(Jobs, { url: b.s.url, timeout: 2_000 })
    let stop = false
    let served = 0
    const failures = new Set<string>()
    const workers = Array.from({ length: 20 }, async () => {
      while (!stop) {
        const outcome = await call(c.peek, { n: 1 })
        if (outcome._tag === 'Right') served++
        else {
          failures.add(outcome.left.code)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      }
    })
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      await b.s[Symbol.asyncDispose]()
      b = await bench({ port })
    }
    const before = served
    await expect.poll(() => served).toBeGreaterThan(before + 100)
    stop = true
    await Promise.all(workers)
    await b.s[Symbol.asyncDispose]()
    expect([...failures].filter((code) => code !== 'unavailable')).toEqual([])
  })
})

describe('given a low-level listener among the routes of a server', () => {
  const waits = (): { readonly listener: RequestListener; readonly waiting: (() => void)[] } => {
    const waiting: (() => void)[] = []
    const slow = endpoint(async () => {
      await new Promise<void>((release) => waiting.push(release))
      return ok('done')
    })
    const limits = { concurrent: 2 }
    return { listener: http.server(slow, { decode: http.noInput, onTelemetry: () => {}, limits }), waiting }
  }

  it('when the server drains, then its calls end, and further ones are 503, while a function still answers', async () => {
    const { listener, waiting } = waits()
    const probe: RequestListener = (_, res) => void res.end('no')
    const s = await http.serve([], { routes: { 'GET /slow': listener, 'GET /ready': probe }, onTelemetry: () => {} })
    const running = fetch(`${s.url}/slow`)
    await expect.poll(() => waiting.length).toBe(1)
    expect(s.inFlight).toBe(1)
    const ask = async (path: string): Promise<{ text: Promise<string>; send: () => void }> => {
      const socket = connect({ port: s.port, host: '127.0.0.1' })
      const text = socket.toArray().then((chunks) => chunks.join(''))
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      return { text, send: () => socket.write('\r\n') }
    }
    const [late, ready] = [await ask('/slow'), await ask('/ready')]
    const draining = s.drain()
    late.send()
    ready.send()
    expect(await late.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"tag":"Draining"/)
    expect(await ready.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*no$/)
    waiting[0]?.()
    expect(await (await running).json()).toBe('done')
    await draining
    expect(s.inFlight).toBe(0)
  })

  it('when the server or the listener has as many calls as it takes, then 503, whichever comes first', async () => {
    const { listener, waiting } = waits()
    const routes = { 'GET /slow': listener, 'GET /again': listener }
    for (const [concurrent, most] of [
      [1, 1],
      [10, 2],
    ] as const) {
      await using s = await http.serve([], { routes, limits: { concurrent }, onTelemetry: () => {} })
      const running = Array.from({ length: most }, () => fetch(`${s.url}/slow`))
      await expect.poll(() => waiting.length).toBe(most)
      const refused = await fetch(`${s.url}/again`)
      expect([refused.status, await refused.json()]).toEqual([
        503,
        expect.objectContaining({ tag: 'TooBusy', detail: expect.stringContaining(`${most} calls`) }),
      ])
      for (const release of waiting.splice(0)) release()
      for (const answer of await Promise.all(running)) expect(answer.status).toBe(200)
      const last = fetch(`${s.url}/again`)
      await expect.poll(() => waiting.length).toBe(1)
      waiting.pop()?.()
      expect((await last).status).toBe(200)
    }
  })

  it('when the client expects 100-continue, then it is asked to go on, or told first that its body is too large', async () => {
    const echo = http.server(
      endpoint(async (text: string) => ok(text)),
      { decode: ({ body }) => ok(body.toString()), onTelemetry: () => {}, limits: { body: 10 } },
    )
    await using s = await http.serve([], { routes: { 'POST /echo': echo } })
    const socket = connect({ port: s.port, host: '127.0.0.1' })
    const next = (): Promise<string> => new Promise((resolve) => socket.once('data', (data) => resolve(String(data))))
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: '
    socket.write(`${head}3\r\n\r\n`)
    expect(await next()).toMatch(/^HTTP\/1\.1 100 /)
    socket.write('oak')
    expect(await next()).toMatch(/^HTTP\/1\.1 200 [\s\S]*"oak"$/)
    socket.write(`${head}11\r\n\r\n`)
    expect(await next()).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })
})
