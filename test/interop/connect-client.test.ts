// gRPC with a second implementation as a client, Connect and its own protobuf: it knows of us only what reflection tells.
import { type DescMessage, type DescService, type FileRegistry, toJson } from '@bufbuild/protobuf'
import { StructSchema } from '@bufbuild/protobuf/wkt'
import { Code, type ConnectError, createClient } from '@connectrpc/connect'
import type { Http2SessionManager } from '@connectrpc/connect-node'
import { grpc } from '@tenon/transport-grpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { details } from './descriptors.ts'
import { each, flows } from './flows.ts'
import { asked } from './reflected.ts'
import { changed, strings, values } from './strings.ts'

type Answer = Readonly<Record<string, unknown>>
/** A client whose methods are known at run time only. */
type Unary = Readonly<Record<string, (input: object, options?: object) => Promise<Answer>>>
type Streaming = Readonly<Record<string, (input: object, options?: object) => AsyncIterable<Answer>>>
type Gathering = Readonly<Record<string, (input: AsyncIterable<object>, options?: object) => Promise<Answer>>>

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
