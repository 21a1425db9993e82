// The low level, both sides, on both generations of clients: Go kit's behaviours NP-n and NS-n.
import { invalidArgument } from '@tenon/contract'
import { background, call, endpoint, extend, fail, type Outcome, ok, run, withCancel } from '@tenon/endpoint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type Connection, fresh, generations, header, server as url } from '../test/clients.ts'
import { type ClientExchange, nats, type RemoteOptions, type ServerExchange, type ServerOptions } from './index.ts'

type Input = { readonly s: string }
const shout = endpoint(async ({ s }: Input) => ok({ v: s.toUpperCase() }))
const closed = { _tag: 'Closed', code: 'failed_precondition', message: 'we are closed' } as const

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  let connection: Connection
  const open: AsyncDisposable[] = []
  beforeAll(async () => {
    connection = await connect({ servers: url as string })
  })
  afterAll(async () => {
    for (const one of open) await one[Symbol.asyncDispose]()
    await connection.close()
  })

  const serve = async (
    options: Partial<ServerOptions<Input, { v: string }>> = {},
    ep: Parameters<typeof nats.server<Input, { v: string }, never>>[0] = shout,
  ): Promise<string> => {
    const subject = fresh()
    const decode = (request: Parameters<typeof nats.decodeJson>[0]) => nats.decodeJson(request) as never
    open.push(await nats.server(ep, { connection, subject, decode, ...options } as never))
    return subject
  }
  const remote = (subject: string, options: Partial<RemoteOptions<Input, { v: string }, never>> = {}) =>
    nats.client<Input, { v: string }>({ connection, subject, decode: (r) => nats.readJson(r) as never, ...options })
  const left = (outcome: Outcome) => (outcome._tag === 'Left' ? outcome.left : expect.fail('it succeeded'))

  it('NP-1 NS-5: given a subscriber that replies, when called, then the decoded reply is returned, and carries no error', async () => {
    const subject = await serve()
    expect(await call(remote(subject), { s: 'hello' })).toEqual(ok({ v: 'HELLO' }))
    const raw = await connection.request(subject, '{"s":"hello"}', { timeout: 2_000 })
    expect([bodyOf(raw), raw.headers]).toEqual(['{"v":"HELLO"}', undefined])
  })

  it('NP-2 NP-9: given a before hook that rewrites data and sets headers, then the subscriber gets both', async () => {
    const seen: (string | undefined)[] = []
    const subject = await serve({ before: (_, request) => void seen.push(request.headers.get('x-tenant')) })
    const client = remote(subject, {
      before: [
        (_, request) => {
          request.body = '{"s":"other"}'
        },
        nats.setRequestHeader('X-Tenant', 'blue'),
      ],
    })
    expect(await call(client, { s: 'hello' })).toEqual(ok({ v: 'OTHER' }))
    expect(seen).toEqual(['blue'])
  })

  it('NP-3: given an after hook that rewrites the reply, then the decoder gets the rewritten reply', async () => {
    const client = remote(await serve(), {
      after: (_, response) => {
        response.body = Buffer.from('{"v":"rewritten"}')
      },
    })
    expect(await call(client, { s: 'hello' })).toEqual(ok({ v: 'rewritten' }))
  })

  it("NP-4 NP-7: given no reply, when the client's time passes, or the caller's sooner one, then DeadlineExceeded", async () => {
    const subject = fresh()
    const silent = connection.subscribe(subject, { callback: () => {} })
    expect(left(await call(remote(subject, { timeout: 40 }), { s: '' }))).toMatchObject({ _tag: 'DeadlineExceeded' })
    const start = performance.now()
    const outcome = await call(remote(subject, { timeout: 10_000 }), { s: '' }, { timeout: 40 })
    expect(left(outcome)).toMatchObject({ _tag: 'DeadlineExceeded' })
    expect(performance.now() - start).toBeLessThan(2_000)
    silent.unsubscribe()
  })

  it('NP-5: given an already cancelled context, then Cancelled, and nothing is sent', async () => {
    let came = 0
    const subject = await serve({ before: () => void came++ })
    using scope = withCancel(background())
    scope.cancel()
    expect(left(await run(remote(subject), { s: '' }, scope.ctx))).toMatchObject({ _tag: 'Cancelled' })
    await connection.flush()
    expect(came).toBe(0)
  })

  it.each([[null], [12], [1.2], [true], ['test'], [{ foo: 'foo' }]])(
    'NP-6 NS-9 NS-11: given %j, then what is sent is exact JSON without a line feed, both ways',
    async (value) => {
      const subject = fresh()
      let sent = ''
      const echo = connection.subscribe(subject, {
        callback: (_, message) => {
          sent = bodyOf(message)
          connection.publish(message.reply as string, message.data)
        },
      })
      const client = nats.client<unknown, unknown>({ connection, subject, decode: nats.readJson })
      expect(await call(client, value)).toEqual(ok(value))
      expect(sent).toBe(JSON.stringify(value))
      echo.unsubscribe()
    },
  )

  it('NP-8: given encode fails or throws, then nothing is published', async () => {
    let came = 0
    const subject = await serve({ before: () => void came++ })
    const refusing = nats.client({ connection, subject, encode: () => fail(closed), decode: nats.readJson })
    expect(left(await call(refusing, {}))).toEqual(closed)
    const throwing = remote(subject, {
      encode() {
        throw new Error('no')
      },
    })
    expect(left(await call(throwing, { s: '' }))).toMatchObject({ _tag: 'Defect' })
    await connection.flush()
    expect(came).toBe(0)
  })

  const failing = endpoint(async (_: Input): Promise<ReturnType<typeof fail<typeof closed>>> => fail(closed))

  it('NS-1 NS-2 NS-3 NS-10 D-20: given decode, endpoint or encode fails, then the reply is marked as a failure, and the caller has it', async () => {
    const subjects = [
      await serve({ decode: () => fail(invalidArgument([])) as never }),
      await serve({}, failing as never),
      await serve({
        encode() {
          throw new Error('hunter2')
        },
      }),
    ]
    const codes = ['invalid_argument', 'failed_precondition', 'internal']
    for (const [at, subject] of subjects.entries()) {
      const reply = await connection.request(subject, '{"s":"x"}', { timeout: 2_000 })
      expect(header(reply, 'Nats-Service-Error-Code')).toMatch(/^[45]\d\d$/)
      expect(header(reply, 'Nats-Service-Error')).toBeTruthy()
      expect(bodyOf(reply)).not.toContain('hunter2')
      expect(left(await call(remote(subject), { s: 'x' }))).toMatchObject({ code: codes[at] })
    }
  })

  it('NS-4 D-20: given an error encoder of its own, then it decides the reply, and cannot make a success of it', async () => {
    const subject = await serve(
      {
        encodeError(_, reply) {
          reply.body = '{"v":"looks fine"}'
        },
      },
      failing as never,
    )
    const reply = await connection.request(subject, '{"s":"x"}', { timeout: 2_000 })
    expect(bodyOf(reply)).toBe('{"v":"looks fine"}')
    expect(left(await call(remote(subject), { s: 'x' })).message).toBe('we are closed')
  })

  it('NS-6 NS-7: given several before and after hooks, then they run in order and hand the context on', async () => {
    const seen: unknown[] = []
    const subject = await serve({
      before: [
        (ctx) => extend(ctx, { one: 1 }),
        (ctx) => extend(ctx, { two: (ctx as never as { one: number }).one + 1 }),
      ],
      after: [(ctx) => extend(ctx, { three: 3 }), (ctx) => void seen.push(Object.keys(ctx).sort())],
    })
    await call(remote(subject), { s: '' })
    expect(seen).toEqual([['one', 'three', 'two']])
  })

  it('NS-8 NS-14: given two finalizers, of which the first throws, then both run for each message, and the connection lives', async () => {
    const seen: ServerExchange[] = []
    const subject = await serve({
      finalize: [
        () => {
          throw new Error('a finalizer')
        },
        (_, exchange) => void seen.push(exchange),
      ],
    })
    for (const s of ['a', 'b']) await call(remote(subject), { s })
    expect(seen.map(({ outcome, reply }) => [outcome, reply?.body])).toEqual([
      [ok({ v: 'A' }), '{"v":"A"}'],
      [ok({ v: 'B' }), '{"v":"B"}'],
    ])
  })

  it('NS-12: given a decoder that reads nothing and no output, then the request is empty and so is the reply', async () => {
    const subject = fresh()
    const inputs: unknown[] = []
    const quiet = endpoint(async (input: undefined) => {
      inputs.push(input)
      return ok()
    })
    open.push(await nats.server(quiet, { connection, subject, decode: nats.noInput }))
    const client = nats.client<undefined, unknown>({ connection, subject, decode: nats.readJson })
    expect(await call(client, undefined)).toEqual(ok(undefined))
    expect(inputs).toEqual([undefined])
  })

  it('NS-13: given a message without reply subject, then it is handled and finalized, and nothing is published', async () => {
    const seen: ServerExchange[] = []
    const subject = await serve({ finalize: (_, exchange) => void seen.push(exchange) })
    connection.publish(subject, '{"s":"a"}')
    connection.publish(subject, 'rubbish')
    await expect.poll(() => seen.length).toBe(2)
    expect(seen.map(({ outcome, reply }) => `${outcome._tag} ${reply}`).sort()).toEqual([
      'Left undefined',
      'Right undefined',
    ])
  })

  it('NS-15: given two members of a queue group, then each message is handled once', async () => {
    const subject = fresh()
    const took = [0, 0]
    for (const at of [0, 1])
      open.push(
        await nats.server(shout, {
          connection,
          subject,
          queue: 'workers',
          decode: (request) => {
            took[at] = (took[at] as number) + 1
            return nats.decodeJson(request) as never
          },
        }),
      )
    await Promise.all(Array.from({ length: 60 }, () => call(remote(subject), { s: '' })))
    expect((took[0] as number) + (took[1] as number)).toBe(60)
    expect(Math.min(...took)).toBeGreaterThan(5)
  })

  it('given finalizers of a client, when a call succeeds, fails and is refused, then each is told once', async () => {
    const seen: ClientExchange[] = []
    const options = { finalize: (_: unknown, exchange: ClientExchange) => void seen.push(exchange) }
    await call(remote(await serve(), options), { s: 'a' })
    await call(remote(await serve({}, failing as never), options), { s: 'a' })
    await call(remote(fresh(), options), { s: 'a' })
    expect(seen.map(({ outcome, response }) => [outcome._tag, response !== undefined])).toEqual([
      ['Right', true],
      ['Left', true],
      ['Left', false],
    ])
  })

  it('given options that are wrong, then a TypeError names the field', async () => {
    const decode = nats.noInput
    const quiet = endpoint(async (_: undefined) => ok())
    const bad: readonly [object, RegExp][] = [
      [{ connection: {} }, /connection/],
      [{ subject: 'a.*' }, /subject/],
      [{ subject: 'a b' }, /subject/],
      [{ queue: 'a b' }, /queue/],
      [{ limits: { bodies: 1 } }, /no limit "bodies"/],
      [{ limits: { body: -1 } }, /limits.body/],
      [{ decode: 1 }, /decode/],
      [{ before: [1] }, /hook/],
      [{ grace: 0.5 }, /grace/],
    ]
    for (const [options, message] of bad)
      await expect(nats.server(quiet, { connection, subject: 'a.b', decode, ...options } as never)).rejects.toThrow(
        message,
      )
    expect(() => nats.client({ connection, subject: 'a', decode, timeout: 0 } as never)).toThrow(/timeout/)
    expect(() => nats.client({ connection, subject: 'a', decode, allow: ['X'] } as never)).toThrow(/allow/)
  })
})
