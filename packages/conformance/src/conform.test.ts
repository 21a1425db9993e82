// What the suite says of wires that misbehave: a suite that passes everybody would be worth nothing.
import type { Implementation } from '@tenon/contract'
import { background, type Endpoint, endpoint, type Failure, fail, mapMethods, run } from '@tenon/endpoint'
import { wire as link, memory } from '@tenon/transport-memory'
import { describe, expect, it } from 'vitest'
import { type Case, cases, conformance, conforms, type Wire } from './index.ts'

type AnyEndpoint = Endpoint<unknown, unknown, Failure>

/** The in-process wire, every endpoint of its clients spoilt in one way. */
const spoilt = (spoil: (ep: AnyEndpoint) => AnyEndpoint): Wire => ({
  name: 'spoilt',
  async serve(implementations, { grace, onTelemetry }) {
    const wire = link('conformance')
    const server = await memory.serve(implementations as readonly Implementation[], { wire, grace, onTelemetry })
    return {
      get inFlight() {
        return server.inFlight
      },
      drain: (options) => server.drain(options),
      client: (contract, options) =>
        mapMethods(memory.client(contract, { wire, ...options }) as never, spoil as never) as never,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
})
const sound = spoilt((ep) => ep)
const named = (id: string): Case => cases.find((one) => one.id === id) ?? expect.unreachable()
const failed = async (wire: Wire, ...ids: string[]): Promise<unknown> =>
  (await conformance(wire, ids.map(named))).filter(({ result }) => result === 'failed').map(({ id }) => id)

describe('the suite', () => {
  it('given a sound wire, when it runs, then every case passes', async () => {
    const verdicts = await conformance(sound)
    expect(verdicts).toEqual(cases.map(({ id, says }) => ({ id, says, result: 'passed' })))
  })

  it('given each id and sentence, then it is there once, in its form', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
    for (const { id, says } of cases) {
      expect(id).toMatch(/^[a-z-]+\/[a-zA-Z]+$/)
      expect(says).toMatch(/^given .+, then /)
    }
  })

  it.each<[string, (ep: AnyEndpoint) => AnyEndpoint, string[], string[]]>([
    [
      'whose calls lose their context',
      (ep) => endpoint((input) => run(ep, input, background()), ep.method),
      ['time/none', 'time/gone', 'metadata/sent'],
      ['kinds/every', 'failures/declared'],
    ],
    [
      'that tells every failure as unavailable',
      (ep) =>
        endpoint(async (input, ctx) => {
          const outcome = await run(ep, input, ctx)
          return outcome._tag === 'Right' ? outcome : fail({ _tag: 'Unavailable', code: 'unavailable', message: '' })
        }, ep.method),
      ['failures/declared', 'failures/plain', 'failures/undeclared', 'failures/defect'],
      ['kinds/every', 'load/concurrent'],
    ],
    [
      'that answers all calls with the first answer',
      (ep) => {
        let first: Promise<never> | undefined
        return endpoint((input, ctx) => {
          first ??= run(ep, input, ctx) as Promise<never>
          return first
        }, ep.method)
      },
      ['load/concurrent', 'kinds/texts'],
      ['kinds/every'],
    ],
  ])(
    'given a wire %s, when it runs, then the cases about that fail, and others do not',
    async (_, spoil, bad, good) => {
      expect(await failed(spoilt(spoil), ...bad, ...good)).toEqual(bad)
    },
  )

  it('given a wire that cannot serve, when a case runs, then the reason is its verdict', async () => {
    const broken: Wire = { ...sound, serve: () => Promise.reject(new Error('no socket')) }
    expect(await conforms(named('kinds/every'), broken)).toMatchObject({ result: 'failed', why: 'no socket' })
  })

  it('given a wire that says what it lacks, when such a case runs, then its reason is the verdict', async () => {
    const half: Wire = { ...sound, lacks: { duplex: 'a request has one message' } }
    expect(await conforms(named('duplex/echo'), half)).toMatchObject({
      result: 'lacks',
      feature: 'duplex',
      why: 'a request has one message',
    })
  })
})
