// Go kit's acceptance list for HTTP servers (HS-*) and its rules for all transports (X*). What does not apply:
// - HS-22, HS-23 (optional capabilities of Go's ResponseWriter, and wrapping them): no writer is wrapped here.
// - X10 (one Server value is one method): so it is; `serve` groups them.
// - X6, as HS-11, HS-15, HS-16, HS-17 (interfaces found on a value at run time: StatusCoder, Headerer, json.Marshaler):
//   a codec function states status, headers and body instead; those tests show how.
// - X8 (10 s on queue transports) and X11 (byte equality with Go's JSON): nothing of ours to hold to.
import { createServer } from 'node:http'
import { type Context, endpoint, extend, type Failure, fail, guard, ok, pass, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { decodeJson, encodeJson, noInput } from './codec.ts'
import {
  populateContext,
  type ServerFinalizer,
  type ServerProvider,
  setContentType,
  setResponseHeader,
} from './hooks.ts'
import type { RequestListener } from './listener.ts'
import { encodeProblem } from './problem.ts'
import type { Reply, ServerExchange } from './reply.ts'
import { server } from './server.ts'

interface Served extends AsyncDisposable {
  readonly url: string
}

async function listening(listener: RequestListener): Promise<Served> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const Teapot = (): Failure<'Teapot', 'failed_precondition'> => ({
  _tag: 'Teapot',
  code: 'failed_precondition',
  message: 'short and stout',
})
const hello = endpoint(async () => ok('hello'))
const throwing = (): never => {
  throw new Error('secret cause')
}
const silent = (): void => {}

interface Said {
  readonly said: readonly string[]
}
/** A field is provided once; so the list in it is what grows. */
const says =
  (word: string) =>
  (ctx: Context): Context => {
    if (!('said' in ctx)) return extend(ctx, { said: [word] })
    ;(ctx as Context & { said: string[] }).said.push(word)
    return ctx
  }

describe('given defaults', () => {
  it('HS-1 when the decoder throws, then 500 and not a word of the cause', async () => {
    await using s = await listening(server(hello, { decode: throwing, onTelemetry: silent }))
    const answer = await fetch(s.url)
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const text = await answer.text()
    expect(text).not.toContain('secret')
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'something unexpected happened',
      code: 'internal',
      tag: 'Defect',
    })
  })

  it('HS-1 when the decoder answers a failure, then the status of its code', async () => {
    const decode = () => fail<Failure>({ _tag: 'Odd', code: 'out_of_range', message: 'too far' })
    await using s = await listening(server(hello, { decode }))
    const answer = await fetch(s.url)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'out_of_range', tag: 'Odd', detail: 'too far' })
  })

  it('HS-2 when the endpoint throws, rejects or answers rubbish, then 500', async () => {
    for (const broken of [throwing, () => Promise.reject(new Error('no')), () => 7 as never]) {
      await using s = await listening(server(endpoint(broken), { decode: noInput }))
      expect((await fetch(s.url)).status).toBe(500)
    }
  })

  it('HS-3, HS-31 (D-14) when the encoder throws, even after it has begun, then 500 and nothing of what it began', async () => {
    const encode = (_: unknown, reply: Reply): void => {
      reply.status = 201
      reply.headers['x-half'] = 'made'
      reply.body = 'half'
      throw new Error('encode')
    }
    await using s = await listening(server(hello, { decode: noInput, encode, onTelemetry: silent }))
    const answer = await fetch(s.url)
    expect(answer.status).toBe(500)
    expect(answer.headers.has('x-half')).toBe(false)
    expect(await answer.json()).toMatchObject({ code: 'internal' })
  })

  it('HS-31 (D-14) when the output cannot be written as JSON, then 500 and not 200', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const output of [cyclic, { n: 1n }]) {
      await using s = await listening(
        server(
          endpoint(async () => ok(output)),
          { decode: noInput, onTelemetry: silent },
        ),
      )
      expect((await fetch(s.url)).status).toBe(500)
    }
  })

  it('D-14 when a header or a status cannot be sent, then 500 and the connection stays whole', async () => {
    const bad: ((reply: Reply) => void)[] = [
      (reply) => {
        reply.headers['x-bad'] = 'line\r\nbreak'
      },
      (reply) => {
        reply.headers['bad name'] = 'x'
      },
      (reply) => {
        reply.status = 1234
      },
    ]
    for (const spoil of bad) {
      await using s = await listening(
        server(hello, { decode: noInput, after: (_, reply) => spoil(reply), onTelemetry: silent }),
      )
      const answer = await fetch(s.url)
      expect(answer.status).toBe(500)
      expect(await answer.json()).toMatchObject({ code: 'internal' })
      const encodeError = (_: unknown, reply: Reply): void => {
        encodeProblem(Teapot(), reply)
        spoil(reply)
      }
      await using again = await listening(
        server(
          endpoint(async () => fail(Teapot())),
          { decode: noInput, encodeError, onTelemetry: silent },
        ),
      )
      expect((await fetch(again.url)).status).toBe(500)
    }
  })

  it('HS-4 when an error encoder says 418, then 418', async () => {
    const encodeError = (failure: Failure, reply: Reply): void => {
      reply.status = failure._tag === 'Teapot' ? 418 : 500
    }
    await using s = await listening(
      server(
        endpoint(async () => fail(Teapot())),
        { decode: noInput, encodeError },
      ),
    )
    const answer = await fetch(s.url)
    expect(answer.status).toBe(418)
    expect(answer.headers.get('content-length')).toBe('0')
  })

  it('when the error encoder throws, then the default one answers', async () => {
    await using s = await listening(
      server(
        endpoint(async () => fail(Teapot())),
        { decode: noInput, encodeError: throwing, onTelemetry: silent },
      ),
    )
    const answer = await fetch(s.url)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ tag: 'Teapot' })
  })

  it('HS-5 when all steps succeed, then 200 and the output as JSON with its length', async () => {
    await using s = await listening(
      server(
        endpoint(async (n: unknown) => ok({ n })),
        { decode: decodeJson },
      ),
    )
    const answer = await fetch(s.url, { method: 'POST', body: '"é"' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('content-length')).toBe('10')
    expect(await answer.text()).toBe('{"n":"é"}')
  })

  it('HS-14 when there is nothing to answer, then 204 and no body', async () => {
    await using s = await listening(
      server(
        endpoint(async () => ok()),
        { decode: noInput },
      ),
    )
    const answer = await fetch(s.url)
    expect(answer.status).toBe(204)
    expect(answer.headers.has('content-length')).toBe(false)
    expect(await answer.text()).toBe('')
  })

  it('HS-18 given noInput, when requested, then the endpoint gets undefined and the status is 200', async () => {
    const got: unknown[] = []
    const listener = server(
      endpoint(async (input: undefined) => {
        got.push(input)
        return ok('x')
      }),
      { decode: noInput },
    )
    await using s = await listening(listener)
    expect((await fetch(s.url)).status).toBe(200)
    expect(got).toEqual([undefined])
  })
})

describe('given hooks', () => {
  it('X1, HS-6, HS-7 when requested, then before -> decode -> endpoint -> after -> encode, each seeing what came before', async () => {
    const order: string[] = []
    const note =
      (name: string) =>
      (ctx: Context): Context => {
        order.push(`${name}(${((ctx as Context & Partial<Said>).said ?? []).join(' ')})`)
        return says(name)(ctx)
      }
    const listener = server(
      endpoint(async (_: string, ctx) => {
        order.push(`endpoint(${(ctx as Context & Said).said.join(' ')})`)
        return ok('done')
      }),
      {
        before: [note('b1'), note('b2')],
        after: [note('a1'), note('a2')],
        decode(_, ctx) {
          order.push(`decode(${(ctx as Context & Said).said.join(' ')})`)
          return ok('in')
        },
        encode(output, reply, ctx) {
          order.push(`encode(${(ctx as Context & Said).said.join(' ')})`)
          encodeJson(output, reply)
        },
      },
    )
    await using s = await listening(listener)
    await fetch(s.url)
    expect(order).toEqual([
      'b1()',
      'b2(b1)',
      'decode(b1 b2)',
      'endpoint(b1 b2)',
      'a1(b1 b2)',
      'a2(b1 b2 a1)',
      'encode(b1 b2 a1 a2)',
    ])
  })

  it('X2 one hook and a list of one are the same', async () => {
    for (const after of [setResponseHeader('x-a', 'b'), [setResponseHeader('x-a', 'b')]] as const) {
      await using s = await listening(server(hello, { decode: noInput, after }))
      expect((await fetch(s.url)).headers.get('x-a')).toBe('b')
    }
  })

  it('X3, HS-29 given a field that a guard provides, when finalizers run, then they do not see it, but what hooks added', async () => {
    const seen = Promise.withResolvers<object>()
    const inner = guard(() => pass({ inside: true }))(hello)
    const listener = server(inner, {
      before: (ctx) => extend(ctx, { before: true }),
      after: (ctx) => extend(ctx, { after: true }),
      decode: noInput,
      finalize: (ctx) => seen.resolve({ ...Object.fromEntries(Object.entries(ctx)) }),
    })
    await using s = await listening(listener)
    await fetch(s.url)
    expect(await seen.promise).toEqual({ before: true, after: true })
  })

  it('X4, X5, HS-25 given a failing endpoint, when answered, then onError hears infrastructure before it is encoded, business not at all, and after hooks do not run', async () => {
    const order: string[] = []
    const failures: Failure[] = [
      Teapot(),
      { _tag: 'Down', code: 'unavailable', message: 'down' },
      { _tag: 'Denied', code: 'permission_denied', message: 'no' },
    ]
    for (const failure of failures) {
      const listener = server(
        endpoint(async () => fail(failure)),
        {
          decode: noInput,
          onError: (f, _, where) => order.push(`heard ${f._tag} in ${where}`),
          encodeError(f, reply) {
            order.push(`encoded ${f._tag}`)
            encodeProblem(f, reply)
          },
          after: () => void order.push('after'),
        },
      )
      await using s = await listening(listener)
      await fetch(s.url)
    }
    expect(order).toEqual([
      'encoded Teapot',
      'heard Down in endpoint',
      'encoded Down',
      'heard Denied in endpoint',
      'encoded Denied',
    ])
  })

  it('X4 given a failing encoder, when answered, then after hooks have run and onError hears of it', async () => {
    const order: string[] = []
    const listener = server(hello, {
      decode: noInput,
      encode: throwing,
      after: () => void order.push('after'),
      onError: (_, __, where) => order.push(where),
      onTelemetry: silent,
    })
    await using s = await listening(listener)
    await fetch(s.url)
    expect(order).toEqual(['after', 'encode'])
  })

  it('HS-24 given a failing decoder, when requested, then endpoint, after and encode never run and finalizers do', async () => {
    const order: string[] = []
    const over = Promise.withResolvers<void>()
    const listener = server(
      endpoint(async () => {
        order.push('endpoint')
        return ok('x')
      }),
      {
        decode: throwing,
        after: () => void order.push('after'),
        encode: () => void order.push('encode'),
        finalize: () => {
          order.push('finalize')
          over.resolve()
        },
        onTelemetry: silent,
      },
    )
    await using s = await listening(listener)
    await fetch(s.url)
    await over.promise
    expect(order).toEqual(['finalize'])
  })

  it('HS-11, HS-12 given an encoder that sets status 402 and a header of two values, when answered, then both lines, the status and the JSON are sent', async () => {
    const encode = (output: string, reply: Reply): void => {
      reply.status = 402
      reply.headers['x-two'] = ['a', 'b']
      encodeJson(output, reply)
    }
    await using s = await listening(server(hello, { decode: noInput, encode }))
    const answer = await fetch(s.url)
    expect(answer.status).toBe(402)
    expect(answer.headers.get('x-two')).toBe('a, b')
    expect(await answer.json()).toBe('hello')
  })

  it('HS-13, HS-15, HS-16, HS-17 given an error encoder with status, headers and a body of its own, then exactly these are sent', async () => {
    const encodeError = (failure: Failure, reply: Reply): void => {
      reply.status = 402
      reply.headers['x-two'] = ['a', 'b']
      encodeJson({ problem: failure.message }, reply)
    }
    await using s = await listening(
      server(
        endpoint(async () => fail(Teapot())),
        { decode: noInput, encodeError },
      ),
    )
    const answer = await fetch(s.url)
    expect(answer.status).toBe(402)
    expect(answer.headers.get('x-two')).toBe('a, b')
    expect(await answer.json()).toEqual({ problem: 'short and stout' })
  })

  it('HS-28 given an error encoder whose JSON cannot be made, then the default one answers', async () => {
    const encodeError = (_: Failure, reply: Reply): void => encodeJson({ n: 1n }, reply)
    await using s = await listening(
      server(
        endpoint(async () => fail(Teapot())),
        { decode: noInput, encodeError, onTelemetry: silent },
      ),
    )
    expect(await (await fetch(s.url)).json()).toMatchObject({ tag: 'Teapot', status: 400 })
  })

  it('HS-33 given headers of an error that name a content type, then exactly one is sent', async () => {
    const listener = server(
      endpoint(async () => fail(Teapot())),
      {
        decode: noInput,
        afterError: (_, reply) => {
          reply.headers['content-type'] = 'application/vnd.teapot+json'
        },
      },
    )
    await using s = await listening(listener)
    expect((await fetch(s.url)).headers.get('content-type')).toBe('application/vnd.teapot+json')
  })

  it('given afterError, when a failure is answered, then its headers are sent; when it throws, the answer still is', async () => {
    const challenge = { _tag: 'Unauthenticated', code: 'unauthenticated', message: 'who?' } as const
    const listener = server(
      endpoint(async () => fail(challenge)),
      {
        decode: noInput,
        afterError: [
          throwing,
          (_, { headers }, failure) => {
            if (failure.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
          },
        ],
        onTelemetry: silent,
      },
    )
    await using s = await listening(listener)
    const answer = await fetch(s.url)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('HS-20, HS-21 setResponseHeader and setContentType set them, and the encoder leaves the content type alone', async () => {
    const after = [setResponseHeader('X-Served-By', 'us'), setContentType('application/vnd.shop+json')]
    await using s = await listening(server(hello, { decode: noInput, after }))
    const { headers } = await fetch(s.url)
    expect(headers.get('x-served-by')).toBe('us')
    expect(headers.get('content-type')).toBe('application/vnd.shop+json')
  })

  it('HS-19, HS-30 given populateContext, when requested, then method, path, target and headers are in the context, absent ones as empty strings', async () => {
    const listener = server(
      endpoint(async (_: undefined, ctx: Context & { readonly http: object }) => ok(ctx.http)),
      { decode: noInput, before: populateContext },
    )
    await using s = await listening(listener)
    const answer = await fetch(`${s.url}/search?q=oak`, {
      method: 'PATCH',
      headers: { 'x-request-id': 'r1', accept: 'application/json' },
    })
    expect(await answer.json()).toMatchObject({
      method: 'PATCH',
      path: '/search',
      target: '/search?q=oak',
      protocol: 'HTTP/1.1',
      requestId: 'r1',
      accept: 'application/json',
      authorization: '',
      referer: '',
      forwardedFor: '',
      remoteAddress: '127.0.0.1',
    })
  })

  it('an endpoint that needs something of its context is served only with a hook that provides it', () => {
    const needs = endpoint(async (_: undefined, ctx: Context & { readonly who: string }) => ok(ctx.who))
    const who: ServerProvider<{ readonly who: string }> = (ctx) => extend(ctx, { who: 'me' })
    expectTypeOf(server(needs, { decode: noInput, before: who })).toEqualTypeOf<RequestListener>()
    expectTypeOf(server(needs, { decode: noInput, before: [populateContext, who] })).toEqualTypeOf<RequestListener>()
    // @ts-expect-error nobody provides `who`
    server(needs, { decode: noInput })
    // @ts-expect-error the last hook provides something else
    server(needs, { decode: noInput, before: [who, populateContext] })
  })
})

describe('given finalizers', () => {
  const finalizing = async (
    make: (finalize: ServerFinalizer) => RequestListener,
    request: (url: string) => Promise<unknown>,
  ): Promise<ServerExchange> => {
    const over = Promise.withResolvers<ServerExchange>()
    await using s = await listening(make((_, exchange) => over.resolve(exchange)))
    await request(s.url)
    return over.promise
  }

  it('HS-8, HS-9, HS-10 when the answer is sent, then they know status, headers, bytes and outcome', async () => {
    const encode = (output: string, reply: Reply): void => {
      reply.status = 418
      reply.headers['x-pot'] = 'tea'
      encodeJson(`${output}é`, reply)
    }
    const exchange = await finalizing((finalize) => server(hello, { decode: noInput, encode, finalize }), fetch)
    expect(exchange).toMatchObject({
      status: 418,
      bytes: 9,
      outcome: ok('hello'),
      aborted: false,
      headers: { 'x-pot': 'tea', 'content-length': '9' },
    })
    expect(exchange.request.method).toBe('GET')
  })

  it('HS-27 when no status was set, then it is 200', async () => {
    const exchange = await finalizing((finalize) => server(hello, { decode: noInput, finalize }), fetch)
    expect(exchange.status).toBe(200)
  })

  it('HS-26, X7 when several are given, then they run once, in order, after the body was sent, and one that throws stops none', async () => {
    const order: string[] = []
    const over = Promise.withResolvers<void>()
    const listener: RequestListener = server(hello, {
      decode: noInput,
      finalize: [
        () => void order.push('1'),
        throwing,
        (_, { status }) => void order.push(`3 ${status}`),
        () => over.resolve(),
      ],
      onTelemetry: silent,
    })
    const flushed: boolean[] = []
    await using s = await listening((req, res) => {
      res.on('finish', () => flushed.push(order.length === 0))
      listener(req, res)
    })
    await fetch(s.url)
    await over.promise
    expect(order).toEqual(['1', '3 200'])
    expect(flushed).toEqual([true])
  })

  it('HS-32 when the endpoint throws, then they run with the Defect as outcome', async () => {
    const exchange = await finalizing((finalize) => server(endpoint(throwing), { decode: noInput, finalize }), fetch)
    expect(exchange).toMatchObject({ status: 500, outcome: { _tag: 'Left', left: { _tag: 'Defect' } } })
  })

  it('when the client leaves, then they run with Cancelled, 499 and aborted, and the call is cancelled', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    const started = Promise.withResolvers<void>()
    const waiting = endpoint(async (_: undefined, ctx) => {
      started.resolve()
      await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()))
      cancelled.resolve(ctx.signal.reason)
      return ok('late')
    })
    const exchange = await finalizing(
      (finalize) => server(waiting, { decode: noInput, finalize, onTelemetry: silent }),
      async (url) => {
        const abort = new AbortController()
        const answer = fetch(url, { signal: abort.signal }).catch(() => 'gone')
        await started.promise
        abort.abort()
        expect(await answer).toBe('gone')
      },
    )
    expect(exchange).toMatchObject({ status: 499, bytes: 0, aborted: true, outcome: { left: { _tag: 'Cancelled' } } })
    expect(await cancelled.promise).toMatchObject({ _tag: 'Cancelled' })
  })

  it('when it was a HEAD request, then no bytes were sent', async () => {
    const exchange = await finalizing(
      (finalize) => server(hello, { decode: noInput, finalize }),
      (url) => fetch(url, { method: 'HEAD' }),
    )
    expect(exchange).toMatchObject({ status: 200, bytes: 0, headers: { 'content-length': '7' } })
  })
})

describe('given a deadline', () => {
  const hanging = (seen?: (ctx: Context) => void) =>
    endpoint(async (_: undefined, ctx) => {
      seen?.(ctx)
      return new Promise<never>(() => {})
    })

  it('when the caller asks for 40 ms, then the context has it, and an endpoint that ignores it is answered for with 504', async () => {
    const clock = virtualClock(1_000)
    const seen = Promise.withResolvers<Context>()
    await using s = await listening(server(hanging(seen.resolve), { decode: noInput, clock }))
    const answer = fetch(s.url, { headers: { 'request-timeout-ms': '40' } })
    const ctx = await seen.promise
    expect(ctx.deadline).toBe(1_040)
    await clock.advance(40)
    expect((await answer).status).toBe(504)
    expect(await (await answer).json()).toMatchObject({ code: 'deadline_exceeded', tag: 'DeadlineExceeded' })
    expect(ctx.signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('when the caller asks for more than the limit, then the limit counts; without a header too', async () => {
    const clock = virtualClock()
    const deadlines: number[] = []
    const listener = server(
      endpoint(async (_: undefined, ctx) => {
        deadlines.push(ctx.deadline)
        return ok('x')
      }),
      { decode: noInput, clock, limits: { request: 500 } },
    )
    await using s = await listening(listener)
    await fetch(s.url, { headers: { 'request-timeout-ms': '100000' } })
    await fetch(s.url)
    expect(deadlines).toEqual([500, 500])
    expect(clock.pending).toBe(0)
  })

  it("when the limit is 'unbounded' and the caller names none, then there is no deadline and no timer", async () => {
    const clock = virtualClock()
    const listener = server(
      endpoint(async (_: undefined, ctx) => ok([ctx.deadline === Number.POSITIVE_INFINITY, clock.pending])),
      { decode: noInput, clock, limits: { request: 'unbounded' } },
    )
    await using s = await listening(listener)
    expect(await (await fetch(s.url)).json()).toEqual([true, 0])
  })

  it('when the header is no whole number, then 400', async () => {
    await using s = await listening(server(hello, { decode: noInput, onTelemetry: silent }))
    for (const bad of ['', '-1', '1.5', '1e3', 'soon', '0x10', '9999999999999', '1, 2']) {
      const answer = await fetch(s.url, { headers: { 'request-timeout-ms': bad } })
      expect(answer.status, bad).toBe(400)
      expect(await answer.json()).toMatchObject({ tag: 'InvalidArgument' })
    }
  })

  it('when the answer comes after the 504, then it is dropped and reported; one that only obeys is not', async () => {
    const clock = virtualClock()
    for (const [late, reports] of [
      [ok('late'), 1],
      [fail({ _tag: 'DeadlineExceeded', code: 'deadline_exceeded', message: 'told so' } as const), 0],
    ] as const) {
      const heard: Telemetry[] = []
      const release = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      const slow = endpoint(async () => {
        started.resolve()
        await release.promise
        return late
      })
      await using s = await listening(
        server(slow, { decode: noInput, clock, limits: { request: 100 }, onTelemetry: (event) => heard.push(event) }),
      )
      const answer = fetch(s.url)
      await started.promise
      await clock.advance(100)
      expect((await answer).status).toBe(504)
      release.resolve()
      await clock.advance(7)
      expect(heard).toHaveLength(reports)
      if (reports === 1) expect(heard[0]).toEqual({ kind: 'timeout.late', method: undefined, late: 0 })
    }
  })
})

describe('given metadata', () => {
  it('when requested, then it is the headers, lower-case, and prototype names are not in it', async () => {
    const listener = server(
      endpoint(async (_: undefined, { metadata }) =>
        ok({
          one: metadata.get('x-one'),
          has: [metadata.has('x-one'), metadata.has('constructor'), metadata.has('__proto__')],
          none: metadata.get('constructor') === undefined && metadata.get('x-two') === undefined,
          size: metadata.size === [...metadata].length && metadata.size === [...metadata.keys()].length,
          values: [...metadata.values()].includes('1'),
        }),
      ),
      { decode: noInput },
    )
    await using s = await listening(listener)
    const answer = await fetch(s.url, { headers: { 'X-One': '1' } })
    expect(await answer.json()).toEqual({ one: '1', has: [true, false, false], none: true, size: true, values: true })
  })
})

describe('given bad options', () => {
  it('when constructed, then a TypeError names option, value and what is allowed', () => {
    const decode = noInput
    expect(() => server(hello, { decode: 'x' as never })).toThrow('http.server: decode is a function and not x')
    expect(() => server(hello, { decode, after: [1 as never] })).toThrow('http.server: a hook is a function and not 1')
    expect(() => server(hello, { decode, limits: { body: -1 } })).toThrow(
      'http.server: limits.body: whole bytes from 0 on and not -1',
    )
    expect(() => server(hello, { decode, limits: { request: 0 } })).toThrow(
      "http.server: limits.request: whole milliseconds from 1 on, or 'unbounded', and not 0",
    )
    expect(() => server(hello, { decode, limits: { bodies: 1 } as never })).toThrow('there is no limit "bodies"')
  })
})
