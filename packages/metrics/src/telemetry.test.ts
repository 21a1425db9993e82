import { type Failure, listenerFailures, type MethodInfo, report, subscribe, type Telemetry } from '@tenon/endpoint'
import client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { read } from '../test/exposition.ts'
import { metrics } from './metrics.ts'

const method: MethodInfo = { contract: 'shop.v1.Orders', name: 'place', kind: 'unary', idempotent: false }
const at = 'contract="shop.v1.Orders",method="place"'
const failure: Failure = { _tag: 'Down', code: 'unavailable', message: 'down' }

const after = async (...events: Telemetry[]): Promise<Map<string, number>> => {
  const measured = metrics()
  for (const event of events) measured.onTelemetry(event)
  return read(measured.registry)
}

const transition = (
  breaker: string,
  key: string,
  from: 'closed' | 'open' | 'halfOpen',
  to: typeof from,
): Telemetry => ({
  kind: 'breaker.transition',
  breaker,
  key,
  from,
  to,
})

describe('telemetry as metrics', () => {
  it('given a breaker, when it opens, probes and closes, then its state and each transition show', async () => {
    const open = transition('inventory', '', 'closed', 'open')
    let samples = await after(open)
    expect(samples.get('tenon_breaker_state{breaker="inventory",key=""}')).toBe(2)
    expect(samples.get('tenon_breakers_not_closed{breaker="inventory"}')).toBe(1)
    samples = await after(open, transition('inventory', '', 'open', 'halfOpen'))
    expect(samples.get('tenon_breaker_state{breaker="inventory",key=""}')).toBe(1)
    expect(samples.get('tenon_breakers_not_closed{breaker="inventory"}')).toBe(1)
    samples = await after(
      open,
      transition('inventory', '', 'open', 'halfOpen'),
      transition('inventory', '', 'halfOpen', 'closed'),
    )
    expect(samples.get('tenon_breaker_state{breaker="inventory",key=""}')).toBe(0)
    expect(samples.get('tenon_breakers_not_closed{breaker="inventory"}')).toBe(0)
    expect(samples.get('tenon_breaker_transitions_total{breaker="inventory",key="",from="closed",to="open"}')).toBe(1)
    expect(samples.get('tenon_breaker_transitions_total{breaker="inventory",key="",from="halfOpen",to="closed"}')).toBe(
      1,
    )
  })

  it('given a listener that came late, when it hears the end of what began before, then nothing falls below zero', async () => {
    const samples = await after(transition('b', '', 'open', 'closed'), {
      kind: 'discovery.connection',
      service: 's',
      instance: 'a:1',
      state: 'closed',
    })
    expect(samples.get('tenon_breakers_not_closed{breaker="b"}')).toBe(0)
    expect(samples.get('tenon_discovery_connections{service="s"}')).toBe(0)
  })

  it('given more keys than allowed, when their breakers open, then the later ones collapse and are still all counted', async () => {
    const measured = metrics({ keys: 3 })
    for (let n = 0; n < 1_000; n++) measured.onTelemetry(transition('b', `k${n}`, 'closed', 'open'))
    const samples = await read(measured.registry)
    const series = (name: string): string[] => [...samples.keys()].filter((key) => key.startsWith(`${name}{`))
    expect(series('tenon_breaker_state')).toHaveLength(3)
    expect(series('tenon_breaker_transitions_total')).toHaveLength(4)
    expect(samples.get('tenon_breaker_transitions_total{breaker="b",key="other",from="closed",to="open"}')).toBe(997)
    expect(samples.get('tenon_breakers_not_closed{breaker="b"}')).toBe(1_000)
  })

  it('given every kind of event, when it is reported, then its metric counts it', async () => {
    const samples = await after(
      { kind: 'defect', method, cause: new Error('secret') },
      { kind: 'defect', method: undefined, cause: 1 },
      { kind: 'timeout.late', method, late: 250, failure },
      { kind: 'retry.attempt', method, attempt: 2, wait: 10, failure },
      { kind: 'retry.exhausted', method, attempts: 3, why: 'budget', failure },
      { kind: 'limiter.rejected', limiter: 'api', key: 'account-of-somebody', why: 'rate' },
      { kind: 'limiter.waited', limiter: 'pool', key: '', wait: 250 },
      { kind: 'limiter.limit', limiter: 'pool', key: '', from: 20, to: 18 },
      { kind: 'limiter.limit', limiter: 'pool', key: 'somebody', from: 20, to: 7 },
      { kind: 'discovery.set', service: 'inventory', size: 3, added: ['a', 'b', 'c'], removed: [] },
      { kind: 'discovery.set', service: 'inventory', size: 2, added: [], removed: ['c'] },
      { kind: 'discovery.error', service: 'inventory', error: new Error('gone') },
      { kind: 'discovery.connection', service: 'inventory', instance: 'a', state: 'opened' },
      { kind: 'discovery.connection', service: 'inventory', instance: 'b', state: 'opened' },
      { kind: 'discovery.connection', service: 'inventory', instance: 'b', state: 'closed' },
      {
        kind: 'discovery.outlier',
        service: 'inventory',
        instance: 'a',
        state: 'ejected',
        why: 'latency',
        duration: 30_000,
      },
      {
        kind: 'discovery.outlier',
        service: 'inventory',
        instance: 'b',
        state: 'ejected',
        why: 'latency',
        duration: 30_000,
      },
      { kind: 'discovery.outlier', service: 'inventory', instance: 'b', state: 'returned' },
      { kind: 'discovery.snapshot', service: 'stock', state: 'loaded', size: 4, age: 1_000 },
      { kind: 'discovery.snapshot', service: 'stock', state: 'unused', why: 'old' },
      { kind: 'discovery.registration', service: 'orders', instance: 'o-1', from: 'registering', to: 'registered' },
      { kind: 'discovery.registration', service: 'orders', instance: 'o-2', from: 'registering', to: 'registered' },
      { kind: 'discovery.registration', service: 'orders', instance: 'o-2', from: 'registered', to: 'unconfirmed' },
      {
        kind: 'discovery.registrarError',
        service: 'orders',
        instance: 'o-2',
        operation: 'heartbeat',
        failures: 1,
        error: new Error('gone'),
      },
      { kind: 'lock.transition', lock: 'nightly', from: 'waiting', to: 'held', token: '7' },
      { kind: 'lock.transition', lock: 'nightly', from: 'held', to: 'lost', lost: 'expired' },
      { kind: 'lock.transition', lock: 'hourly', from: 'waiting', to: 'held', token: '8' },
      { kind: 'lock.error', lock: 'nightly', operation: 'renew', error: new Error('gone') },
      { kind: 'discovery.health', service: 'inventory', instance: 'a', from: 'unknown', to: 'unhealthy' },
      { kind: 'discovery.health', service: 'inventory', instance: 'b', from: 'unknown', to: 'unhealthy' },
      { kind: 'discovery.health', service: 'inventory', instance: 'c', from: 'unknown', to: 'healthy' },
      { kind: 'discovery.health', service: 'inventory', instance: 'b', from: 'unhealthy', to: 'gone' },
      { kind: 'discovery.health', service: 'inventory', instance: 'c', from: 'healthy', to: 'gone' },
      { kind: 'discovery.panic', service: 'inventory', state: 'began', healthy: 0, size: 1 },
      { kind: 'drain.step', app: 'orders', step: 'done', elapsed: 1_500 },
      { kind: 'drain.step', app: 'orders', service: 'http', step: 'drained', elapsed: 1_200 },
      { kind: 'server.rejected', transport: 'http', reason: 'body too large', failure },
      { kind: 'client.connection', transport: 'nats', peer: 'n1', state: 'connected' },
      { kind: 'client.connection', transport: 'nats', peer: 'n1', state: 'lost' },
      { kind: 'consumer.message', consumer: 'mail', method, result: 'retried', deliveries: 1, failure },
      { kind: 'consumer.drained', consumer: 'mail', elapsed: 1_500, pending: 7 },
    )
    const expected: Record<string, number> = {
      [`tenon_defects_total{${at}}`]: 1,
      'tenon_defects_total{contract="",method="unknown"}': 1,
      [`tenon_timeout_late_total{${at}}`]: 1,
      [`tenon_timeout_late_seconds_total{${at}}`]: 0.25,
      [`tenon_retries_total{${at},code="unavailable"}`]: 1,
      [`tenon_retries_exhausted_total{${at},why="budget"}`]: 1,
      'tenon_limiter_rejected_total{limiter="api",why="rate"}': 1,
      'tenon_limiter_waits_total{limiter="pool"}': 1,
      'tenon_limiter_wait_seconds_total{limiter="pool"}': 0.25,
      'tenon_limiter_limit{limiter="pool"}': 18,
      'tenon_discovery_instances{service="inventory"}': 2,
      'tenon_discovery_changes_total{service="inventory",change="added"}': 3,
      'tenon_discovery_changes_total{service="inventory",change="removed"}': 1,
      'tenon_discovery_errors_total{service="inventory"}': 1,
      'tenon_discovery_stale{service="inventory"}': 1,
      'tenon_discovery_connections{service="inventory"}': 1,
      'tenon_discovery_connection_changes_total{service="inventory",state="opened"}': 2,
      'tenon_discovery_ejected{service="inventory"}': 1,
      'tenon_discovery_ejections_total{service="inventory",why="latency"}': 2,
      'tenon_discovery_instances{service="stock"}': 4,
      'tenon_discovery_stale{service="stock"}': 1,
      'tenon_discovery_snapshots_total{service="stock",state="loaded",why=""}': 1,
      'tenon_discovery_snapshots_total{service="stock",state="unused",why="old"}': 1,
      'tenon_discovery_registered{service="orders"}': 1,
      'tenon_discovery_registration_changes_total{service="orders",to="registered"}': 2,
      'tenon_discovery_registration_changes_total{service="orders",to="unconfirmed"}': 1,
      'tenon_discovery_registrar_errors_total{service="orders",operation="heartbeat"}': 1,
      'tenon_lock_held{lock="nightly"}': 0,
      'tenon_lock_held{lock="hourly"}': 1,
      'tenon_lock_changes_total{lock="nightly",to="held"}': 1,
      'tenon_lock_lost_total{lock="nightly",why="expired"}': 1,
      'tenon_lock_errors_total{lock="nightly",operation="renew"}': 1,
      'tenon_discovery_unhealthy{service="inventory"}': 1,
      'tenon_discovery_health_changes_total{service="inventory",state="unhealthy"}': 2,
      'tenon_discovery_health_changes_total{service="inventory",state="healthy"}': 1,
      'tenon_discovery_panic{service="inventory"}': 1,
      'tenon_app_step_seconds{app="orders",service="",step="done"}': 1.5,
      'tenon_app_step_seconds{app="orders",service="http",step="drained"}': 1.2,
      'tenon_server_rejected_total{transport="http",reason="body too large",code="unavailable"}': 1,
      'tenon_client_connected{transport="nats",peer="n1"}': 0,
      'tenon_client_connection_changes_total{transport="nats",peer="n1",state="lost"}': 1,
      [`tenon_consumer_messages_total{consumer="mail",${at},result="retried"}`]: 1,
      'tenon_consumer_drain_seconds{consumer="mail"}': 1.5,
      'tenon_consumer_drain_pending{consumer="mail"}': 7,
    }
    for (const [series, value] of Object.entries(expected))
      expect([series, samples.get(series)]).toEqual([series, value])
    expect([...samples.keys()].join()).not.toMatch(/somebody|secret|gone/)
  })

  it('given an event of a kind it does not know, when it is reported, then it is ignored', async () => {
    await expect(after({ kind: 'a.new.kind' } as never)).resolves.toBeInstanceOf(Map)
  })

  it('given a listener that throws, when the page is read, then it says how many times', async () => {
    using _ = subscribe(() => {
      throw new Error('deaf')
    })
    const measured = metrics()
    using _listening = measured.listen()
    report(undefined, { kind: 'limiter.rejected', limiter: 'api', key: '', why: 'rate' })
    expect((await read(measured.registry)).get('tenon_telemetry_listener_failures_total')).toBe(listenerFailures())
  })

  it('given several who listen on one registry, when something is reported, then it counts once, until the last stops', async () => {
    const registry = new client.Registry()
    const first = metrics({ registry })
    const listening = [first.listen(), first.listen(), metrics({ registry }).listen()]
    const event: Telemetry = { kind: 'limiter.rejected', limiter: 'api', key: '', why: 'rate' }
    const count = async (): Promise<number | undefined> =>
      (await read(registry)).get('tenon_limiter_rejected_total{limiter="api",why="rate"}')
    report(undefined, event)
    expect(await count()).toBe(1)
    for (const one of listening.slice(0, 2)) {
      one[Symbol.dispose]()
      one[Symbol.dispose]()
    }
    report(undefined, event)
    expect(await count()).toBe(2)
    listening[2]?.[Symbol.dispose]()
    report(undefined, event)
    expect(await count()).toBe(2)
    using _again = first.listen()
    report(undefined, event)
    expect(await count()).toBe(3)
  })

  it('given calls alone, when the page is read, then it holds nothing of telemetry', async () => {
    const measured = metrics()
    measured.red({ side: 'server' })
    expect(await measured.registry.metrics()).not.toContain('breaker')
  })
})
