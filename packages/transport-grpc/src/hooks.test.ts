// The low level, as in Go kit: an endpoint as a handler of the user's own service, and a client of one method of it.
import {
  credentials,
  Metadata,
  type MethodDefinition,
  Client as RawClient,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js'
import { invalidArgument, remote as remoteFailure } from '@tenon/contract'
import {
  background,
  type Context,
  call,
  type Endpoint,
  endpoint,
  extend,
  type Failure,
  fail,
  type Outcome,
  ok,
  run,
  withMetadata,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { RemoteOptions } from './client.ts'
import { grpc } from './index.ts'
import type { ServerOptions } from './server.ts'

interface Sum {
  readonly a: number
  readonly b: number
}
interface Total {
  readonly v: number
}
const json = {
  out: (value: unknown): Buffer => Buffer.from(JSON.stringify(value)),
  back: (bytes: Buffer): never => JSON.parse(bytes.toString()) as never,
}
/** As a code generator writes it; the messages are JSON, so that nothing but grpc-js reads them. */
const add: MethodDefinition<Sum, Total> = {
  path: '/addsvc.Add/Sum',
  requestStream: false,
  responseStream: false,
  requestSerialize: json.out,
  requestDeserialize: json.back,
  responseSerialize: json.out,
  responseDeserialize: json.back,
}

type Pair = readonly [number, number]
const sum = endpoint(async ([a, b]: Pair) => ok(a + b))
const decode = ({ a, b }: Sum) => ok([a, b] as const)
const encode = (v: number): Total => ({ v })

interface Stand extends AsyncDisposable {
  readonly address: string
}

/** A grpc-js server of the user's own. */
async function served<E extends Failure>(
  of: Endpoint<Pair, number, E>,
  options: Partial<ServerOptions<Pair, number, E, unknown, Sum, Total>> = {},
): Promise<Stand> {
  const server = new Server()
  server.addService({ sum: add } as ServiceDefinition, { sum: grpc.server(of, { decode, encode, ...options }) })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (cause, taken) =>
      cause === null ? resolve(taken) : reject(cause),
    ),
  )
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() }
}

const remote = (
  { address }: Stand,
  options: Partial<RemoteOptions<Pair, Sum, Total, { readonly _tag: 'Right'; readonly right: number }>> = {},
) =>
  grpc.client({
    address,
    method: add,
    encode: ([a, b]: Pair): Sum => ({ a, b }),
    decode: ({ v }: Total) => ok(v),
    ...options,
  })

it("GR-1: given an endpoint behind a service of the user's own, when it is called, then values survive both conversions", async () => {
  await using stand = await served(sum)
  await using client = remote(stand)
  expectTypeOf(client).toExtend<Endpoint<Pair, number, Failure>>()
  expect(await call(client, [1, 2])).toEqual(ok(3))
})

it('GR-2: given an id in the context, when hooks pass it on, then it goes out, comes in, comes back and is seen by decode', async () => {
  const seen: unknown[] = []
  await using stand = await served(sum, {
    before: (ctx, { metadata }) => extend(ctx, { id: metadata.get('correlation-id')[0] }),
    after: (ctx, { trailers }) => trailers.set('correlation-id', `${(ctx as { id?: string }).id} back`),
  })
  await using client = remote(stand, {
    before: (ctx, { metadata }) => {
      metadata.set('correlation-id', 'c-1')
      return ctx
    },
    after: (ctx, { trailers }) => extend(ctx, { back: trailers.get('correlation-id')[0] }),
    decode: ({ v }, ctx: Context) => {
      seen.push((ctx as { back?: unknown }).back)
      return ok(v)
    },
  })
  expect(await call(client, [1, 2])).toEqual(ok(3))
  expect(seen).toEqual(['c-1 back'])
})

it('GR-3: given several hooks of each kind, when called, then all run in order, and what each returns the next one gets', async () => {
  const log: string[] = []
  const note = (text: string) => (): void => void log.push(text)
  await using stand = await served(sum, {
    before: [note('server before 1'), note('server before 2')],
    after: [note('server after 1'), note('server after 2')],
    finalize: [note('server finalize 1'), note('server finalize 2')],
  })
  await using client = remote(stand, {
    before: [note('client before 1'), note('client before 2')],
    after: [note('client after 1'), note('client after 2')],
    finalize: [note('client finalize 1'), note('client finalize 2')],
  })
  await call(client, [1, 2])
  const at = (who: string) => log.filter((line) => line.startsWith(who))
  const both = (who: string, kind: string) => [`${who} ${kind} 1`, `${who} ${kind} 2`]
  expect(at('server')).toEqual(['before', 'after', 'finalize'].flatMap((kind) => both('server', kind)))
  expect(at('client')).toEqual(['before', 'after', 'finalize'].flatMap((kind) => both('client', kind)))
})

it('GR-4, GR-11: given headers and trailers set by hooks, also by one alone, then each arrives as what it is', async () => {
  await using stand = await served(sum, {
    after: [grpc.setResponseHeader('X-Head', 'h'), grpc.setResponseTrailer('x-tail-bin', Buffer.from([1]))],
  })
  const seen: unknown[] = []
  await using client = remote(stand, {
    after: (_, { code, headers, trailers }) => void seen.push(code, headers?.get('x-head'), trailers.get('x-tail-bin')),
  })
  await call(client, [1, 2])
  expect(seen).toEqual([status.OK, ['h'], [Buffer.from([1])]])
  await using lone = await served(sum, { after: grpc.setResponseHeader('x-head', 'h') })
  await using other = remote(lone)
  expect(await call(other, [1, 2])).toEqual(ok(3))
})

describe('GR-5: given what goes wrong, then listeners hear it, and finalizers get the same outcome, once', () => {
  const boom = (): never => {
    throw new Error('hunter2')
  }
  const cases: [
    string,
    Partial<ServerOptions<Pair, number, Failure, unknown, Sum, Total>>,
    Endpoint<Pair, number>,
    string,
  ][] = [
    ['decode throws', { decode: boom }, sum, 'decode'],
    ['decode rejects', { decode: async () => boom() }, sum, 'decode'],
    ['decode refuses', { decode: () => fail(invalidArgument([])) }, sum, 'decode'],
    ['encode throws', { encode: boom }, sum, 'encode'],
    ['encode rejects', { encode: async () => boom() }, sum, 'encode'],
    ['a before hook throws', { before: boom }, sum, 'decode'],
    ['an after hook throws', { after: boom }, sum, 'encode'],
    ['the endpoint throws', {}, endpoint(boom as () => Promise<never>), 'endpoint'],
    ['the endpoint rejects', {}, endpoint(async () => boom()), 'endpoint'],
  ]
  it.each(cases)('%s', async (_, options, of, where) => {
    const heard: string[] = []
    const ends: Outcome[] = []
    await using stand = await served(of, {
      ...options,
      onTelemetry: () => {},
      onError: [(failure: Failure, _ctx: Context, at: string) => void heard.push(`${at} ${failure.code}`), boom],
      finalize: [boom, (_ctx: Context, _call: unknown, outcome: Outcome) => void ends.push(outcome)],
    } as never)
    await using client = remote(stand)
    const answer = await call(client, [1, 2])
    expect(answer._tag).toBe('Left')
    const { code, message } = (answer as { left: Failure }).left
    expect(message).not.toContain('hunter2')
    expect(heard).toEqual([`${where} ${code}`])
    expect(ends).toHaveLength(1)
    expect(ends[0]).toMatchObject({ _tag: 'Left', left: { code } })
  })
})

it('GR-7, GR-8: given a call, when hooks look, then both sides know its full name', async () => {
  const seen: string[] = []
  await using stand = await served(sum, { before: (_, { path }) => void seen.push(path) })
  await using client = remote(stand, { before: (_, { path }) => void seen.push(path) })
  await call(client, [1, 2])
  expect(seen).toEqual(['/addsvc.Add/Sum', '/addsvc.Add/Sum'])
})

it('GR-9: given a call that fails, then decode does not run, finalizers get the failure, and after hooks see the trailers that Go kit loses', async () => {
  const seen: unknown[] = []
  await using stand = await served(
    endpoint(async () => fail({ _tag: 'Full', code: 'resource_exhausted', message: 'full' } as const)),
    { after: grpc.setResponseTrailer('x-tail', 't') },
  )
  await using client = remote(stand, {
    decode: () => {
      seen.push('decoded')
      return ok(0)
    },
    after: (_, { code, trailers }) => void seen.push(code, trailers.get('x-tail')),
    finalize: (_, { outcome, answer }) => void seen.push(outcome, answer?.code),
  })
  const answer = await call(client, [1, 2])
  expect(answer).toMatchObject({ left: { _tag: 'Remote', code: 'resource_exhausted', tag: 'Full', message: 'full' } })
  expect(seen).toEqual([status.RESOURCE_EXHAUSTED, ['t'], answer, status.RESOURCE_EXHAUSTED])
})

it('GR-10: given helpers with a name in capitals, then it is lower-case; with text for bytes or bytes for text, then a TypeError', () => {
  const call = { path: '/', metadata: new Metadata() }
  grpc.setRequestHeader('X-One', 'a')(background(), call)
  grpc.setRequestHeader('Two-Bin', Buffer.from([1]))(background(), call)
  expect(call.metadata.getMap()).toEqual({ 'x-one': 'a', 'two-bin': Buffer.from([1]) })
  expect(() => grpc.setRequestHeader('a-bin', 'text')).toThrow('names that end in -bin take bytes')
  expect(() => grpc.setResponseHeader('a', Buffer.from([1]))).toThrow('names that end in -bin take bytes')
})

it('GR-12: given two calls at once, when they are answered, then each has an answer of its own', async () => {
  await using stand = await served(sum)
  await using client = remote(stand)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => call(client, [n, 1])))
  expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => ok(n + 1)))
})

describe('GR-13: failures on the wire', () => {
  const broke = endpoint(async () => fail({ _tag: 'Broke', code: 'data_loss', message: 'gone' } as const))

  it('given a failure with a code, when nothing else is said, then the status is that code', async () => {
    await using stand = await served(broke)
    await using client = remote(stand)
    expect(await call(client, [1, 2])).toMatchObject({ left: { code: 'data_loss', tag: 'Broke', message: 'gone' } })
  })

  it('given encodeError, when it answers, then that crosses; when it throws, then `internal` does, and nothing hangs', async () => {
    await using stand = await served(broke, {
      encodeError: ({ message }) => ({ code: 'not_found', tag: 'Other', message }),
    })
    await using client = remote(stand)
    expect(await call(client, [1, 2])).toMatchObject({ left: { code: 'not_found', tag: 'Other' } })
    await using bad = await served(broke, {
      onTelemetry: () => {},
      encodeError: () => {
        throw new Error('hunter2')
      },
    })
    await using other = remote(bad)
    expect(await call(other, [1, 2])).toMatchObject({
      left: { code: 'internal', message: 'something unexpected happened' },
    })
  })

  it('given decodeError, when a call fails, then it says what the failure is', async () => {
    await using stand = await served(broke)
    const mine = remoteFailure({ code: 'aborted', message: 'mine' })
    await using client = remote(stand, { decodeError: () => mine })
    expect(await call(client, [1, 2])).toEqual(fail(mine))
  })
})

describe('time', () => {
  it('given a handler that hangs on a virtual clock, when its time is up, then the caller has deadline_exceeded', async () => {
    const clock = virtualClock()
    let running = false
    const hangs = endpoint(() => {
      running = true
      return new Promise<never>(() => {})
    })
    await using stand = await served(hangs, { clock, limits: { request: 1_000 } })
    await using client = remote(stand)
    const answer = call(client, [1, 2])
    await expect.poll(() => running).toBe(true)
    await clock.advance(1_001)
    expect(await answer).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
  })

  it('given more calls than may run, when one comes, then it is unavailable with a time to wait, and no handler runs', async () => {
    let runs = 0
    let release = (): void => {}
    const slow = endpoint(async () => {
      runs++
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return ok(1)
    })
    await using stand = await served(slow, { limits: { concurrent: 1 }, onTelemetry: () => {} })
    await using client = remote(stand)
    const first = call(client, [1, 2])
    await expect.poll(() => runs).toBe(1)
    expect(await call(client, [1, 2])).toMatchObject({ left: { _tag: 'Unavailable', retryAfter: 1_000 } })
    release()
    expect(await first).toEqual(ok(1))
    expect(runs).toBe(1)
  })
})

it('given an encode of the client that throws or rejects, when called, then it is a Defect and nothing is sent', async () => {
  let calls = 0
  await using stand = await served(endpoint(async () => ok(++calls)))
  const boom = (): never => {
    throw new Error('hunter2')
  }
  for (const bad of [boom, async () => boom()]) {
    await using client = remote(stand, { encode: bad })
    expect(await call(client, [1, 2])).toMatchObject({ left: { code: 'internal', _tag: 'Defect' } })
  }
  await using hooked = remote(stand, { before: boom })
  expect(await call(hooked, [1, 2])).toMatchObject({ left: { _tag: 'Defect' } })
  expect(calls).toBe(0)
})

it('given a decode or a hook of the client that throws, when an answer comes, then it is a Defect and the caller has it', async () => {
  await using stand = await served(sum)
  const boom = (): never => {
    throw new Error('hunter2')
  }
  for (const options of [{ decode: boom }, { decode: async () => boom() }, { after: boom }]) {
    await using client = remote(stand, options)
    expect(await call(client, [1, 2])).toMatchObject({ left: { _tag: 'Defect' } })
  }
})

it('given metadata in the context, when it is sent to a plain grpc-js peer and back, then it is what grpc-js has', async () => {
  let seen: unknown
  await using stand = await served(sum, {
    before: (_, { metadata }) => {
      seen = metadata.getMap()
    },
  })
  await using client = remote(stand)
  await run(client, [1, 2], withMetadata(background(), { 'X-Tenant': 'a', 'blob-bin': 'AAE=' }))
  expect(seen).toMatchObject({ 'x-tenant': 'a', 'blob-bin': Buffer.from([0, 1]) })
})

it('given a plain grpc-js client, when a handler fails, then it sees code, message and details', async () => {
  await using stand = await served(
    endpoint(async () => fail({ _tag: 'Full', code: 'aborted', message: 'ünï' } as const)),
  )
  const raw = new RawClient(stand.address, credentials.createInsecure())
  const error = await new Promise<{ code: number; details: string } | null>((resolve) =>
    raw.makeUnaryRequest(add.path, json.out, json.back, { a: 1, b: 2 }, resolve as never),
  )
  raw.close()
  expect(error).toMatchObject({ code: status.ABORTED, details: 'ünï' })
})

describe('bad options', () => {
  it.each([
    [() => grpc.server(sum, { decode: 5 as never, encode }), 'grpc.server: decode is a function and not 5'],
    [() => grpc.server(sum, { decode, encode, limits: { concurrent: 0 } }), 'limits.concurrent: whole calls from 1'],
    [() => grpc.server(sum, { decode, encode, before: 5 as never }), 'a hook is a function and not 5'],
    [() => remote({ address: 'http://a' } as Stand), "address reads 'host:port', without http://"],
    [() => remote({ address: '' } as Stand), "address reads 'host:port'"],
    [() => remote({ address: 'a:1' } as Stand, { timeout: -1 }), 'timeout: whole milliseconds from 1'],
    [() => remote({ address: 'a:1' } as Stand, { allow: ['UPPER'] }), 'allow is a list of lower-case names'],
    [() => remote({ address: 'a:1' } as Stand, { keepAlive: 1 }), 'keepAlive: whole milliseconds from 1000'],
    [
      () => remote({ address: 'a:1' } as Stand, { limits: { metadata: 1e9 } }),
      'limits.metadata: whole bytes from 0 to 65536',
    ],
    [() => remote({ address: 'a:1' } as Stand, { limits: { other: 1 } as never }), 'there is no limit "other"'],
    [
      () => remote({ address: 'a:1' } as Stand, { method: { ...add, responseStream: true } }),
      '/addsvc.Add/Sum is a stream',
    ],
    [() => remote({ address: 'a:1' } as Stand, { method: {} as never }), 'method is one of a service definition'],
  ])('given %s, then it is a TypeError that says what is allowed', (make, says) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(says)
  })
})
