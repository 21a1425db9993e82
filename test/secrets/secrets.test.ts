// What is annotated `secret` crosses a wire to those it is meant for and is told to nobody else: no failure, no answer that
// refuses, no log, metric, hook or report of any transport holds it, whether it is right or wrong.
import { breaker, consecutive } from '@tenon/breaker'
import { type AnyMethod, handler, type Implementation, implement } from '@tenon/contract'
import {
  byMethod,
  call,
  chain,
  type Endpoint,
  type Failure,
  fail,
  mapMethods,
  type Outcome,
  ok,
  type Stream,
  timeout,
} from '@tenon/endpoint'
import { constant } from '@tenon/policy'
import { retry } from '@tenon/retry'
import { describe, expect, it } from 'vitest'
import { missing } from '../../packages/transport-nats/test/nats-server.ts'
import { type Listening, listening } from './listening.ts'
import { Lax, mark, Safes, Wild, wrongs } from './safes.ts'
import { type Wire, wires } from './wires.ts'

const server = process.env.TENON_TEST_NATS
const token = `token-${mark}`
const busy = { _tag: 'Busy', code: 'unavailable', message: 'come back later' } as const

/** What a handler does is asked for in its input. */
async function answer({ does = '' }: { readonly does?: string }, token: unknown): Promise<Outcome> {
  if (does === 'fail') return fail(busy)
  if (does === 'throw') throw new TypeError('a bug')
  if (does === 'late') await new Promise((resolve) => setTimeout(resolve, 60))
  return ok(does === 'nothing' ? undefined : { token })
}

/** The endpoints of any of the contracts, which answer with this token, whatever it is. */
function served(contract: typeof Safes | typeof Lax | typeof Wild, token: unknown, told: Listening): Implementation {
  const { onTelemetry, log, red } = told
  const around = byMethod((method) =>
    chain(
      red('server', method?.name ?? ''),
      contract === Safes ? log(method as unknown as AnyMethod) : chain(),
      timeout(30, { onTelemetry }),
    ),
  )
  const does = {
    open: (input: object) => answer(input, token),
    seal: () => ok({}),
    async *watch(input: object) {
      yield await answer({}, token)
      yield await answer(input, token)
    },
  }
  const named = Object.entries(contract.methods).map(([name, method]) => [
    name,
    around(handler(method as AnyMethod as never, does[name as 'open'] as never)),
  ])
  return implement(contract as typeof Safes, Object.fromEntries(named) as never) as Implementation
}

type Methods = Readonly<Record<'open' | 'watch' | 'seal', Endpoint<unknown, unknown, Failure>>>

/** A client with what one has around it. */
function governed(client: object, { onTelemetry, red }: Listening): Methods {
  const around = byMethod((method) =>
    chain(
      red('client', method?.name ?? ''),
      retry({ attempts: 2, backoff: constant(1), onTelemetry }),
      breaker({ detector: consecutive({ failures: 30 }), onTelemetry }),
    ),
  )
  return mapMethods(client as Methods, around as never) as Methods
}

/** Calls, and tells of what failed; of a stream each item. */
async function calling(methods: Methods, name: keyof Methods, input: unknown, { tell }: Listening): Promise<string> {
  const outcome = await call(methods[name], input as never, { timeout: 5_000 })
  if (outcome._tag === 'Left') tell('client', outcome.left, JSON.stringify(outcome.left))
  if (outcome._tag === 'Left') return outcome.left.code
  if (name !== 'watch') return 'ok'
  let code = 'ok'
  for await (const item of outcome.right as Stream<unknown, Failure>)
    if (item._tag === 'Left') {
      tell('client', item.left, JSON.stringify(item.left))
      code = item.left.code
    }
  return code
}

const pin = `pin-${mark}`
const right = { token: pin, key: pin, code: pin, pin }

describe.each(wires(server))('over $name', (wire: Wire) => {
  const leaked = ({ heard }: Listening): readonly string[] => heard.filter((line) => line.includes(mark))
  const who = ({ heard }: Listening): readonly string[] =>
    [...new Set(heard.map((line) => line.slice(0, line.indexOf(':'))))].sort()

  /** All that was heard while somebody served `behind`, and clients of `before` called. */
  async function hearing(
    behind: Parameters<typeof served>[0],
    before: Parameters<typeof served>[0],
    token: unknown,
    act: (methods: Methods, told: Listening) => Promise<void>,
  ): Promise<Listening> {
    const told = listening()
    {
      await using serving = await wire.serve(served(behind, token, told), told)
      await act(governed(serving.client(before), told), told)
    }
    told.tell('metrics', await told.page())
    return told
  }

  it('given right secrets, when calls succeed, fail, throw or are late, then nobody is told of them', async () => {
    const codes: Record<string, string> = {}
    const told = await hearing(Safes, Safes, token, async (methods, told) => {
      for (const does of ['give', 'late', 'throw', 'fail', 'nothing']) {
        codes[does] = await calling(methods, 'open', { ...right, does }, told)
        if (wire.streams) codes[`watch ${does}`] = await calling(methods, 'watch', { pin, does }, told)
      }
      await expect.poll(() => who(told), { timeout: 5_000 }).toContain('telemetry timeout.late')
    })
    expect(leaked(told)).toEqual([])
    expect(codes).toMatchObject({
      give: 'ok',
      late: 'deadline_exceeded',
      throw: 'internal',
      fail: 'unavailable',
      nothing: 'internal',
      ...(wire.streams && {
        'watch give': 'ok',
        'watch late': 'ok',
        'watch throw': 'internal',
        'watch fail': 'unavailable',
        'watch nothing': 'internal',
      }),
    })
    const reports = ['defect', 'retry.attempt', 'retry.exhausted', 'timeout.late'].map((kind) => `telemetry ${kind}`)
    expect(who(told)).toEqual(expect.arrayContaining(['client', 'log', 'metrics', ...reports, ...wire.hooks]))
  })

  it('given wrong secrets in every place, when a server refuses them, then nobody is told of them', async () => {
    const codes: string[] = []
    const told = await hearing(Safes, Lax, token, async (methods, told) => {
      for (const wrong of [mark, `${mark}\ud800`, `${mark}\n`, '', '..', `${mark}/${mark}?${mark}#${mark}`])
        for (const place of ['token', 'key', 'code', 'pin'])
          codes.push(await calling(methods, 'open', { ...right, does: '', [place]: wrong }, told))
      if (wire.streams) codes.push(await calling(methods, 'watch', { pin: mark, does: '' }, told))
    })
    expect(leaked(told)).toEqual([])
    expect(new Set(codes)).toEqual(new Set(['invalid_argument']))
    expect(who(told)).toEqual(expect.arrayContaining(['client', 'metrics', ...wire.hooks]))
  })

  it.skipIf(wire.typed)(
    'given wrong secrets of every structure, when a server refuses them, then nobody is told of them',
    async () => {
      const codes: string[] = []
      const told = await hearing(Safes, Wild, token, async (methods, told) => {
        for (const wrong of wrongs()) codes.push(await calling(methods, 'seal', wrong, told))
      })
      expect(leaked(told)).toEqual([])
      expect(new Set(codes)).toEqual(new Set(['invalid_argument']))
      expect(who(told)).toEqual(expect.arrayContaining(['client', 'metrics', ...wire.hooks]))
      expect(told.heard.join()).toContain('byPin[redacted]: expected number, got string')
    },
  )

  it.skipIf(wire.typed)(
    'given answers whose secrets are wrong, when a client refuses them, then nobody is told of them',
    async () => {
      const codes: string[] = []
      for (const answer of [[mark], { [mark]: mark }, null, 7]) {
        const told = await hearing(Lax, Safes, answer, async (methods, told) => {
          codes.push(await calling(methods, 'open', { ...right, does: '' }, told))
          if (wire.streams) codes.push(await calling(methods, 'watch', { pin, does: '' }, told))
        })
        expect(leaked(told)).toEqual([])
        expect(who(told)).toEqual(expect.arrayContaining(['client', 'metrics']))
      }
      expect(new Set(codes)).toEqual(new Set(['internal']))
    },
  )

  it('given right secrets, when there is nobody to take them, then nobody is told of them', async () => {
    const told = listening()
    await using serving = await wire.serve(served(Safes, token, told), told)
    const methods = governed(serving.client(Safes), told)
    expect(await calling(methods, 'open', { ...right, does: '' }, told)).toBe('ok')
    await serving.stop()
    expect(await calling(methods, 'open', { ...right, does: '' }, told)).toBe('unavailable')
    expect(leaked(told)).toEqual([])
    expect(who(told)).toEqual(expect.arrayContaining(['client', 'log', 'telemetry retry.exhausted']))
  })

  it.skipIf(wire.typed || wire.name === 'memory')(
    'given secrets in what cannot be read, when a server refuses it, then nobody is told of them',
    async () => {
      const told = listening()
      await using serving = await wire.serve(served(Safes, token, told), told)
      for (const text of [mark, `"${mark}`, `{"${mark}`, `{"word":"${mark}\n"}`, `{"word":${mark}}`, `[${mark}`])
        told.tell('raw', await serving.raw?.(text))
      expect(leaked(told)).toEqual([])
      expect(told.heard.filter((line) => /^raw:.*JSON/.test(line))).toHaveLength(6)
    },
  )
})

it.skipIf(server !== undefined)(`over NATS: ${missing}`, (context) => context.skip())
