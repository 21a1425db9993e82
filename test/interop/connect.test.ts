// gRPC with a second implementation at the other end, Connect and its own protobuf: it knows of us only what reflection tells,
// and serves us from that.
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type DescMessage, type DescService, type FileRegistry, toJson } from '@bufbuild/protobuf'
import { StructSchema } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, createClient, type HandlerContext } from '@connectrpc/connect'
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { call, fail, ok } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { details } from './descriptors.ts'
import { Enough, Flows, flows } from './flows.ts'
import { reflected } from './reflected.ts'
import { changed, EmptyText, Quota, Strings, strings, values } from './strings.ts'

type Answer = Readonly<Record<string, unknown>>
/** A client whose methods are known at run time only. */
type Unary = Readonly<Record<string, (input: object, options?: object) => Promise<Answer>>>
type Streaming = Readonly<Record<string, (input: object, options?: object) => AsyncIterable<Answer>>>
type Gathering = Readonly<Record<string, (input: AsyncIterable<object>, options?: object) => Promise<Answer>>>

async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** What another implementation knows of us once it has asked. */
async function asked(address: string) {
  const baseUrl = `http://${address}`
  const session = new Http2SessionManager(baseUrl)
  const transport = createGrpcTransport({ baseUrl, sessionManager: session })
  return { session, transport, ...(await reflected(transport)) }
}

describe('Connect as a client', () => {
  const served = strings()
  const ended: string[] = []
  let server: Awaited<ReturnType<typeof grpc.serve>>
  let session: Http2SessionManager
  let services: readonly string[]
  let registry: FileRegistry
  let unary: Unary
  let streaming: Streaming
  let gathering: Gathering
  beforeAll(async () => {
    const both = [served.impl, flows((what) => void ended.push(what))]
    server = await grpc.serve(both, { reflection: true, health: true, grace: 0, onTelemetry: () => {} })
    const { transport, ...known } = await asked(server.address)
    ;({ session, services, registry } = known)
    unary = createClient(registry.getService('interop.v1.Strings') as DescService, transport) as never
    const flowing = createClient(registry.getService('interop.v1.Flows') as DescService, transport)
    streaming = flowing as never
    gathering = flowing as never
  })
  afterAll(async () => {
    session.abort()
    await server[Symbol.asyncDispose]()
  })

  const failed = async (called: Promise<unknown>): Promise<ConnectError> =>
    called.then(
      () => expect.fail('it succeeded'),
      (error) => error as ConnectError,
    )
  const told = (error: ConnectError, type: DescMessage): readonly unknown[] =>
    error.findDetails(type).map((detail) => toJson(type, detail))

  it('given reflection, when services are listed, then all are there, and their types are whole', () => {
    expect([...services].sort()).toEqual(['grpc.health.v1.Health', 'interop.v1.Flows', 'interop.v1.Strings'])
    const { fields } = registry.getMessage('interop.v1.ChangeRequest') as DescMessage
    const field = (name: string) => fields.find((each) => each.name === name)
    expect(fields.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(field('at')?.message?.typeName).toBe('google.protobuf.Timestamp')
    expect(field('level')?.enum?.values.map(({ number }) => number)).toEqual([0, 1, 2])
    expect(field('note')).toMatchObject({ presence: 1, oneof: undefined })
    expect(field('counts')).toMatchObject({ fieldKind: 'map', jsonName: 'counts' })
  })

  it('given messages that are built of the reflected types, when a method is called, then values of every kind arrive and come back', async () => {
    const { at, big, whole, counts, raw, level, ...same } = values
    const seconds = BigInt(Math.floor(at.getTime() / 1_000))
    const answer = await unary.change?.({
      ...same,
      big,
      whole: BigInt(whole),
      counts: { one: 1n, two: 2n },
      raw: Buffer.from(raw, 'base64'),
      at: { seconds, nanos: (at.getTime() % 1_000) * 1e6 },
      level: 1,
    })
    const want = changed(values)
    expect(answer).toMatchObject({
      text: want.text,
      whole: BigInt(want.whole),
      big: want.big,
      ratio: want.ratio,
      flag: want.flag,
      at: { seconds: seconds + 1n, nanos: 0 },
      level: 2,
      names: want.names,
      counts: { one: 2n, two: 3n },
      inner: want.inner,
    })
    expect(Buffer.from(answer?.raw as Uint8Array).toString('base64')).toBe(want.raw)
    expect(answer?.note).toBeUndefined()
  })

  it('given failures, then code, reason, wrong fields, the time to wait and the details are read', async () => {
    const empty = await failed(unary.uppercase?.({ s: '' }) as Promise<unknown>)
    expect(empty).toMatchObject({ code: Code.InvalidArgument, rawMessage: 'empty text' })
    expect(told(empty, details.errorInfo)).toEqual([{ reason: 'EmptyText', domain: 'interop.v1.Strings' }])
    expect(told(empty, StructSchema)).toEqual([{ field: 's' }])
    const quota = await failed(unary.uppercase?.({ s: '!quota' }) as Promise<unknown>)
    expect(quota.code).toBe(Code.ResourceExhausted)
    expect(told(quota, details.retryInfo)).toEqual([{ retryDelay: '3s' }])
    const wrong = await failed(unary.change?.({ level: 0 }) as Promise<unknown>)
    expect(wrong.code).toBe(Code.InvalidArgument)
    expect(JSON.stringify(told(wrong, details.badRequest))).toContain('"field":"level"')
    expect((await failed(unary.uppercase?.({ s: '!plain' }) as Promise<unknown>)).code).toBe(Code.Internal)
  })

  it('given a deadline, then the endpoint has what is left of it, and both sides end', async () => {
    const late = await failed(unary.slow?.({ sleepMs: 60_000n }, { timeoutMs: 200 }) as Promise<unknown>)
    expect(late.code).toBe(Code.DeadlineExceeded)
    expect(await served.slow.began).toBeLessThanOrEqual(200)
    await served.slow.aborted
  })

  it('given streams in every direction, then items arrive in order, and a failure is the last of them', async () => {
    const got: unknown[] = []
    const counting = (async () => {
      for await (const { text, n } of streaming.count?.({ to: 9n }) ?? []) got.push([text, n])
    })()
    const enough = await failed(counting)
    expect(got).toEqual([
      ['item 1', 1n],
      ['item 2', 2n],
      ['item 3', 3n],
    ])
    expect(enough.code).toBe(Code.OutOfRange)
    expect(told(enough, details.errorInfo)).toEqual([{ reason: 'Enough', domain: 'interop.v1.Flows' }])
    expect(told(enough, StructSchema)).toEqual([{ at: 4 }])
    expect(await gathering.join?.(each({ text: 'a', n: 1n }, { text: 'b', n: 2n }))).toMatchObject({
      text: 'ab',
      n: 3n,
    })
    const echoed: unknown[] = []
    for await (const { text } of streaming.echo?.(each({ text: 'x', n: 1n }, { text: 'y', n: 2n })) ?? [])
      echoed.push(text)
    expect(echoed).toEqual(['X', 'Y'])
  })

  it('given a client that leaves a stream, then the source is told', async () => {
    const leaving = new AbortController()
    const waiting = (async () => {
      for await (const _ of streaming.count?.({ to: 0n }, { signal: leaving.signal }) ?? []) expect.fail('an item')
    })()
    await expect.poll(() => server.inFlight).toBe(1)
    leaving.abort()
    expect((await failed(waiting)).code).toBe(Code.Canceled)
    await expect.poll(() => ended).toContain('count')
  })
})

describe('Connect as a server', () => {
  let stop: () => Promise<void>
  let address: string
  const heard: string[] = []
  beforeAll(async () => {
    // Only to learn the types: what is served here is Connect's.
    await using ours = await grpc.serve([strings().impl, flows()], { reflection: true, grace: 0 })
    const { registry, session } = await asked(ours.address)
    session.abort()
    const info = (reason: string) => ({ desc: details.errorInfo, value: { reason, domain: 'connect' } })
    const routes = connectNodeAdapter({
      routes: (router) => {
        router.service(
          registry.getService('interop.v1.Strings') as DescService,
          {
            uppercase: ({ s }: { s: string }, context: HandlerContext) => {
              if (s === '!quota')
                throw new ConnectError('quota', Code.ResourceExhausted, undefined, [
                  info('Quota'),
                  { desc: details.retryInfo, value: { retryDelay: { seconds: 3n, nanos: 0 } } },
                ])
              if (s === '')
                throw new ConnectError('empty', Code.InvalidArgument, undefined, [
                  info('EmptyText'),
                  { desc: StructSchema, value: { fields: { field: { kind: { case: 'stringValue', value: 's' } } } } },
                ])
              return { v: s.toUpperCase(), requestId: context.requestHeader.get('x-request-id') ?? '' }
            },
            slow: async (_: unknown, context: HandlerContext) => {
              heard.push(`${Math.round(context.timeoutMs() ?? 0)}`)
              await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
              heard.push('aborted')
              return { hasDeadline: true, remainingMs: 0n }
            },
          } as never,
        )
        router.service(
          registry.getService('interop.v1.Flows') as DescService,
          {
            count: async function* ({ to }: { to: bigint }) {
              for (let n = 1n; n <= to; n++) yield { text: `item ${n}`, n }
              throw new ConnectError('enough', Code.OutOfRange, undefined, [
                info('Enough'),
                { desc: StructSchema, value: { fields: { at: { kind: { case: 'numberValue', value: 7 } } } } },
              ])
            },
            join: async (items: AsyncIterable<{ text: string; n: bigint }>) => {
              const all = { text: '', n: 0n }
              for await (const { text, n } of items) {
                all.text += text
                all.n += n
              }
              return all
            },
            echo: async function* (items: AsyncIterable<{ text: string; n: bigint }>) {
              for await (const { text, n } of items) yield { text: text.toUpperCase(), n }
            },
          } as never,
        )
      },
    })
    const server = createServer(routes)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    stop = () => new Promise((resolve) => server.close(() => resolve()))
  })
  afterAll(() => stop())

  it('given values, metadata and failures with details, then all are typed', async () => {
    await using client = grpc.client(Strings, { address })
    const metadata = { 'x-request-id': 'r-3' }
    expect(await call(client.uppercase, { s: 'ü' }, { metadata })).toEqual(ok({ v: 'Ü', requestId: 'r-3' }))
    expect(await call(client.uppercase, { s: '!quota' })).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
    expect(await call(client.uppercase, { s: '' })).toEqual(fail(EmptyText({ field: 's', message: 'empty' })))
    expect(await call(client.change, values)).toMatchObject({ left: { _tag: 'Remote', code: 'unimplemented' } })
  })

  it('given a deadline, then the other side has it, and is told when it has passed', async () => {
    await using client = grpc.client(Strings, { address })
    const late = await call(client.slow, { sleepMs: 0 as never }, { timeout: 200 })
    expect(late).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await expect.poll(() => heard).toHaveLength(2)
    expect(Number(heard[0])).toBeGreaterThan(0)
    expect(Number(heard[0])).toBeLessThanOrEqual(200)
  })

  it('given streams in every direction, then items arrive in order, and a failure is the last of them', async () => {
    await using client = grpc.client(Flows, { address })
    const items = (...all: readonly [string, number][]) => all.map(([text, n]) => ok({ text, n: n as never }))
    const counted: unknown[] = []
    const opened = await call(client.count, { to: 2 as never })
    if (opened._tag === 'Right') for await (const item of opened.right) counted.push(item)
    expect(counted).toEqual([
      ...items(['item 1', 1], ['item 2', 2]),
      fail(Enough({ at: 7 as never, message: 'enough' })),
    ])
    expect(await call(client.join, each(...items(['a', 1], ['b', 2])) as never)).toEqual(ok({ text: 'ab', n: 3 }))
    const echoed: unknown[] = []
    const both = await call(client.echo, each(...items(['x', 1], ['y', 2])) as never)
    if (both._tag === 'Right') for await (const item of both.right) echoed.push(item)
    expect(echoed).toEqual(items(['X', 1], ['Y', 2]))
  })
})
