import {
  background,
  call,
  cancelled,
  chain,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  guard,
  type MethodInfo,
  ok,
  refuse,
  run,
  type Stream,
  stream,
  subscribe,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { read } from '../test/exposition.ts'
import { metrics } from './metrics.ts'

const place: MethodInfo = { contract: 'shop.v1.Orders', name: 'place', kind: 'unary', idempotent: false }
const at = 'contract="shop.v1.Orders",method="place"'
const failing = (code: string, tag = 'Nope') =>
  endpoint(() => fail({ _tag: tag, code, message: 'no' } as unknown as Failure), place)

describe('red', () => {
  it('given a wrapped method, when it has not been called, then its series begin at zero', async () => {
    const measured = metrics()
    measured.red({ side: 'server' })(endpoint(() => ok(), place))
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(0)
    expect(samples.get(`tenon_server_calls_in_flight{${at}}`)).toBe(0)
    expect(samples.get(`tenon_server_call_duration_seconds_count{${at},outcome="ok"}`)).toBe(0)
  })

  it('given successes and failures, when they end, then they are counted by code and timed by outcome', async () => {
    const clock = virtualClock()
    const measured = metrics()
    const red = measured.red({ side: 'server' })
    const ctx = background({ clock })
    const slow = red(
      endpoint(async () => {
        await clock.sleep(30)
        return ok()
      }, place),
    )
    for (let i = 0; i < 3; i++) {
      const answer = run(slow, undefined, ctx)
      await clock.advance(30)
      await answer
    }
    await run(red(failing('failed_precondition')), undefined, ctx)
    await run(red(failing('unavailable')), undefined, ctx)
    await run(red(failing('unavailable')), undefined, ctx)
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(3)
    expect(samples.get(`tenon_server_calls_total{${at},code="failed_precondition"}`)).toBe(1)
    expect(samples.get(`tenon_server_calls_total{${at},code="unavailable"}`)).toBe(2)
    const took = 'tenon_server_call_duration_seconds'
    expect(samples.get(`${took}_bucket{le="0.025",${at},outcome="ok"}`)).toBe(0)
    expect(samples.get(`${took}_bucket{le="0.05",${at},outcome="ok"}`)).toBe(3)
    expect(samples.get(`${took}_bucket{le="+Inf",${at},outcome="ok"}`)).toBe(3)
    expect(samples.get(`${took}_sum{${at},outcome="ok"}`)).toBeCloseTo(0.09)
    expect(samples.get(`${took}_count{${at},outcome="failed"}`)).toBe(3)
  })

  it('given a duration that is exactly a bound, when it is observed, then it belongs below it (le)', async () => {
    const clock = virtualClock()
    const measured = metrics({ buckets: [0.01, 0.02] })
    const slow = measured.red({ side: 'server' })(
      endpoint(async () => {
        await clock.sleep(10)
        return ok()
      }, place),
    )
    const answer = run(slow, undefined, background({ clock }))
    await clock.advance(10)
    await answer
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_server_call_duration_seconds_bucket{le="0.01",${at},outcome="ok"}`)).toBe(1)
  })

  it('given a call in flight, when it ends in any way, then the gauge goes up by one and back', async () => {
    const measured = metrics()
    const gate = Promise.withResolvers<void>()
    const wrapped = measured.red({ side: 'client' })(
      endpoint(async () => {
        await gate.promise
        throw new Error('boom')
      }, place),
    )
    const silent = subscribe(() => {}, ['defect'])
    const answer = call(wrapped, undefined)
    expect((await read(measured.registry)).get(`tenon_client_calls_in_flight{${at}}`)).toBe(1)
    gate.resolve()
    await answer
    silent[Symbol.dispose]()
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_client_calls_in_flight{${at}}`)).toBe(0)
    expect(samples.get(`tenon_client_calls_total{${at},code="internal"}`)).toBe(1)
  })

  it('given a refusal by a step inside, when it is refused, then it counts by its code', async () => {
    const measured = metrics()
    const closed = refuse({ _tag: 'Closed', code: 'unavailable', message: 'closed' } as const)
    const wrapped = chain(
      measured.red({ side: 'server' }),
      guard(() => closed),
    )(endpoint(() => ok(), place))
    await call(wrapped, undefined)
    expect((await read(measured.registry)).get(`tenon_server_calls_total{${at},code="unavailable"}`)).toBe(1)
  })

  it('given a stream, when it ends, then it counts, by how it ended, and not when it opens', async () => {
    const measured = metrics()
    const numbers: Endpoint<void, Stream<number>> = endpoint(
      () =>
        ok(
          stream(
            (async function* () {
              yield ok(1)
              yield ok(2)
            })(),
          ),
        ),
      place,
    )
    const wrapped = measured.red({ side: 'server' })(numbers)
    const opened = await call(wrapped, undefined)
    if (opened._tag === 'Left') throw new Error('it did not open')
    let samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(0)
    expect(samples.get(`tenon_server_calls_in_flight{${at}}`)).toBe(1)
    for await (const _ of opened.right);
    samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(1)
    expect(samples.get(`tenon_server_calls_in_flight{${at}}`)).toBe(0)

    const again = await call(wrapped, undefined)
    if (again._tag === 'Left') throw new Error('it did not open')
    for await (const _ of again.right) break
    expect((await read(measured.registry)).get(`tenon_server_calls_total{${at},code="${cancelled().code}"}`)).toBe(1)
  })

  it('given an endpoint without a method, when it is wrapped, then its name is the label, or unknown', async () => {
    const measured = metrics()
    const bare = endpoint(() => ok())
    await call(measured.red({ side: 'server' })(bare), undefined)
    await call(measured.red({ side: 'server', name: 'cleanup' })(bare), undefined)
    const samples = await read(measured.registry)
    expect(samples.get('tenon_server_calls_total{contract="",method="unknown",code="ok"}')).toBe(1)
    expect(samples.get('tenon_server_calls_total{contract="",method="cleanup",code="ok"}')).toBe(1)
  })

  it('given a code that is none, when it arrives, then it counts as unknown and adds no series of its own', async () => {
    const measured = metrics()
    const red = measured.red({ side: 'server' })
    for (const code of ['made-up', 'constructor', '__proto__', '"\n']) await call(red(failing(code)), undefined)
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="unknown"}`)).toBe(4)
    expect([...samples.keys()].filter((key) => key.startsWith('tenon_server_calls_total'))).toHaveLength(2)
  })

  it('given tags, when more than 20 come, then the later ones are one series', async () => {
    const measured = metrics()
    const red = measured.red({ side: 'client', tags: true })
    let tag = ''
    const any = red(endpoint(() => fail({ _tag: tag, code: 'not_found' as const, message: '' }), place))
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < 50; n++) {
        tag = `Tag${n}`
        await call(any, undefined)
      }
    const samples = await read(measured.registry)
    const series = [...samples].filter(([key]) => key.startsWith('tenon_client_calls_total'))
    expect(series).toHaveLength(1 + 20 + 1)
    expect(samples.get(`tenon_client_calls_total{${at},code="not_found",tag="Tag0"}`)).toBe(2)
    expect(samples.get(`tenon_client_calls_total{${at},code="not_found",tag="other"}`)).toBe(60)
    expect(samples.get(`tenon_client_calls_total{${at},code="ok",tag=""}`)).toBe(0)
  })

  it('given two instances on one registry, when both count the same method, then they count together', async () => {
    const registry = new client.Registry()
    const first = metrics({ registry })
    const second = metrics({ registry })
    await call(first.red({ side: 'server' })(endpoint(() => ok(), place)), undefined)
    await call(second.red({ side: 'server' })(endpoint(() => ok(), place)), undefined)
    expect((await read(registry)).get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(2)
  })

  it('given metrics that disagree, when the second is made, then a TypeError says in what', () => {
    const registry = new client.Registry()
    metrics({ registry }).red({ side: 'server' })
    expect(() => metrics({ registry, buckets: [1, 2] }).red({ side: 'server' })).toThrow(
      /"tenon_server_call_duration_seconds" is in this registry already, as a histogram by contract, method, outcome with the buckets 0\.001.*needed as .* with the buckets 1, 2/,
    )
    expect(() => metrics({ registry }).red({ side: 'server', tags: true })).toThrow(
      /as a counter by contract, method, code, and is needed as a counter by contract, method, code, tag/,
    )
    new client.Counter({ name: 'mine_client_calls_total', help: 'mine', registers: [registry] })
    expect(() => metrics({ registry, prefix: 'mine_' }).red({ side: 'client' })).toThrow(/a metric of somebody else/)
    expect(() => metrics({ registry, prefix: 'other_' }).red({ side: 'server', tags: true })).not.toThrow()
  })

  it('given labels that need escaping, when they are printed, then they are one line and read back the same', async () => {
    const measured = metrics()
    const name = 'a"b\\c\nd{}=,e'
    await call(measured.red({ side: 'server', name })(endpoint(() => ok())), undefined)
    const page = await measured.registry.metrics()
    expect(page).toContain('method="a\\"b\\\\c\\nd{}=,e",code="ok"} 1\n')
  })

  it('given a registry that is reset, when a call is in flight, then totals begin anew and the gauge stays true', async () => {
    const measured = metrics()
    const gate = Promise.withResolvers<void>()
    const red = measured.red({ side: 'server' })
    await call(red(endpoint(() => ok(), place)), undefined)
    const answer = call(
      red(
        endpoint(async () => {
          await gate.promise
          return ok()
        }, place),
      ),
      undefined,
    )
    measured.registry.resetMetrics()
    let samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(0)
    expect(samples.get(`tenon_server_call_duration_seconds_sum{${at},outcome="ok"}`)).toBe(0)
    expect(samples.get(`tenon_server_calls_in_flight{${at}}`)).toBe(1)
    gate.resolve()
    await answer
    samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{${at},code="ok"}`)).toBe(1)
    expect(samples.get(`tenon_server_calls_in_flight{${at}}`)).toBe(0)
  })

  it('given default labels and JSON, when prom-client reads the metrics its other ways, then it finds the same', async () => {
    const measured = metrics()
    measured.registry.setDefaultLabels({ zone: 'a' })
    await call(measured.red({ side: 'server' })(endpoint(() => ok(), place)), undefined)
    const json = await measured.registry.getMetricsAsJSON()
    const calls = json.find(({ name }) => name === 'tenon_server_calls_total')
    expect(calls?.values).toEqual([
      { value: 1, labels: { contract: 'shop.v1.Orders', method: 'place', code: 'ok', zone: 'a' } },
    ])
    const samples = await read(measured.registry)
    expect(samples.get(`tenon_server_calls_total{zone="a",${at},code="ok"}`)).toBe(1)
    expect(await measured.registry.getSingleMetric('tenon_server_calls_total')?.get()).toMatchObject({
      values: [{ value: 1 }],
    })
  })

  it('given bad options, when it is made, then the error names the option', () => {
    expect(() => metrics({ prefix: '1x' })).toThrow(/"prefix".*"1x"/)
    expect(() => metrics({ buckets: [] })).toThrow(/"buckets"/)
    expect(() => metrics({ buckets: [2, 1] })).toThrow(/"buckets\[1\]".*above 2/)
    expect(() => metrics({ buckets: [0] })).toThrow(/"buckets\[0\]".*above 0/)
    expect(() => metrics({ keys: -1 })).toThrow(/"keys"/)
    expect(() => metrics().red({ side: 'both' as 'server' })).toThrow(/"side".*both/)
  })
})
