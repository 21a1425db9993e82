// What policies report, as metrics: one line of the table for each kind of event.
import { listenerFailures, type MethodInfo, type Telemetry, type TelemetryListener } from '@tenon/endpoint'
import { bounded, other } from './bounded.ts'
import type { MetricRegistry } from './family.ts'
import { type Cell, counter, gauge } from './instruments.ts'

type Listeners = { readonly [K in Telemetry['kind']]: (event: Extract<Telemetry, { readonly kind: K }>) => void }

/** How `tenon_breaker_state` says it. */
const stateNumber = { closed: 0, halfOpen: 1, open: 2 } as const

const of = (method: MethodInfo | undefined): { readonly contract: string; readonly method: string } => ({
  contract: method?.contract ?? '',
  method: method?.name ?? 'unknown',
})

const add = (cell: Cell, by: number): void => {
  // A listener that came late sees the end of what it did not see begin.
  cell.value = Math.max(0, cell.value + by)
}

/** One limit for each scope (a breaker, a transport), and as many scopes. */
function boundedIn(limit: number): (scope: string, value: string) => string {
  const scopes = bounded(limit)
  const limits = new Map<string, (value: string) => string>()
  return (name, value) => {
    const scope = scopes(name)
    const within = limits.get(scope) ?? bounded(limit)
    limits.set(scope, within)
    return within(value)
  }
}

/** A listener that counts what it hears. `keys`: how many keys of one breaker, peers of one transport get a series of their own. */
export function telemetryMetrics(registry: MetricRegistry, prefix: string, keys: number): TelemetryListener {
  const total = <L extends string>(name: string, help: string, ...labels: L[]) =>
    counter(registry, `${prefix}${name}_total`, help, labels)
  const now = <L extends string>(name: string, help: string, ...labels: L[]) =>
    gauge(registry, `${prefix}${name}`, help, labels)

  const defects = total('defects', 'What was thrown and became a Defect.', 'contract', 'method')
  const late = total('timeout_late', 'Answers that came after their timeout and were dropped.', 'contract', 'method')
  const lateSeconds = total('timeout_late_seconds', 'How late they were, summed up.', 'contract', 'method')
  const state = now('breaker_state', '0 closed, 1 half open, 2 open.', 'breaker', 'key')
  const notClosed = now('breakers_not_closed', 'States of a breaker that are open or half open.', 'breaker')
  const transitions = total('breaker_transitions', 'Changes of state.', 'breaker', 'key', 'from', 'to')
  const retries = total('retries', 'Calls repeated, by the failure before.', 'contract', 'method', 'code')
  const exhausted = total('retries_exhausted', 'Retries given up, by what ran out.', 'contract', 'method', 'why')
  const limited = total(
    'limiter_rejected',
    'Calls that a limiter refused, by what there was too much of.',
    'limiter',
    'why',
  )
  const waits = total('limiter_waits', 'Calls that a limiter made wait and let go ahead.', 'limiter')
  const waitSeconds = total('limiter_wait_seconds', 'How long they waited, summed up.', 'limiter')
  const adapted = now('limiter_limit', 'The limit of an adaptive limiter without keys.', 'limiter')
  const instances = now('discovery_instances', 'Instances in the last set.', 'service')
  const changes = total('discovery_changes', 'Instances that came and went.', 'service', 'change')
  const errors = total('discovery_errors', 'Times a registry could not be asked.', 'service')
  const stale = now('discovery_stale', '1 while the last good set is used because of an error.', 'service')
  const connections = now('discovery_connections', 'Connections to instances.', 'service')
  const connected = total('discovery_connection_changes', 'Connections made, failed, closed.', 'service', 'state')
  const ejected = now('discovery_ejected', 'Instances that are out because of how they behave.', 'service')
  const ejections = total('discovery_ejections', 'Instances taken out, by what for.', 'service', 'why')
  const snapshots = total('discovery_snapshots', 'Sets saved to a file or read from it.', 'service', 'state', 'why')
  const registered = now(
    'discovery_registered',
    'Registrations of this process that stand and are confirmed.',
    'service',
  )
  const registrations = total(
    'discovery_registration_changes',
    'Changes of status, by what they led to.',
    'service',
    'to',
  )
  const refused = total(
    'discovery_registrar_errors',
    'Registrations, heartbeats, deregistrations that a registry did not take.',
    'service',
    'operation',
  )
  const held = now('lock_held', 'Locks and leads that this process holds.', 'lock')
  const locks = total('lock_changes', 'Locks and leads waited for, got, given back or lost.', 'lock', 'to')
  const losses = total('lock_lost', 'Locks and leads lost, by why.', 'lock', 'why')
  const lockErrors = total('lock_errors', 'What failed about a lock.', 'lock', 'operation')
  const unhealthy = now('discovery_unhealthy', 'Instances that are out because their health checks fail.', 'service')
  const healthChanges = total('discovery_health_changes', 'Instances that health checks found so.', 'service', 'state')
  const panicking = now('discovery_panic', '1 while health checks are not believed.', 'service')
  const steps = now('app_step_seconds', 'When the last start or drain took this step.', 'app', 'service', 'step')
  const rejected = total('server_rejected', 'Refused before any endpoint.', 'transport', 'reason', 'code')
  const peers = now('client_connected', '1 while connected, 0 while lost.', 'transport', 'peer')
  const peerChanges = total('client_connection_changes', 'Connections back and lost.', 'transport', 'peer', 'state')
  const consumed = total(
    'consumer_messages',
    'Messages, by what became of them.',
    'consumer',
    'contract',
    'method',
    'result',
  )
  const drained = now('consumer_drain_seconds', 'What the last drain took.', 'consumer')
  const pending = now('consumer_drain_pending', 'Messages held when the last drain began.', 'consumer')
  const failures = counter(
    registry,
    `${prefix}telemetry_listener_failures_total`,
    'Times a listener of telemetry has thrown in this process.',
    [],
    () => {
      thrown.value = listenerFailures()
    },
  )
  const thrown = failures.cell({})

  const keyOf = boundedIn(keys)
  const peerOf = boundedIn(keys)
  const reasonOf = boundedIn(keys)
  // A lock is often one of an account or an order: many of them.
  const lockOf = bounded(keys)

  const listeners: Listeners = {
    defect: ({ method }) => void defects.cell(of(method)).value++,
    'timeout.late'({ method, late: ms }) {
      late.cell(of(method)).value++
      lateSeconds.cell(of(method)).value += Math.max(0, ms) / 1_000
    },
    'breaker.transition'({ breaker, key, from, to }) {
      const label = keyOf(breaker, key)
      transitions.cell({ breaker, key: label, from, to }).value++
      // Many keys have many states at once: no number says them all.
      if (label !== other || key === other) state.cell({ breaker, key: label }).value = stateNumber[to]
      add(notClosed.cell({ breaker }), Number(to !== 'closed') - Number(from !== 'closed'))
    },
    'retry.attempt': ({ method, failure }) => void retries.cell({ ...of(method), code: failure.code }).value++,
    'retry.exhausted': ({ method, why }) => void exhausted.cell({ ...of(method), why }).value++,
    // Not by key: it is often an account or an address, and belongs on no page.
    'limiter.rejected': ({ limiter, why }) => void limited.cell({ limiter, why }).value++,
    'limiter.waited'({ limiter, wait }) {
      waits.cell({ limiter }).value++
      waitSeconds.cell({ limiter }).value += Math.max(0, wait) / 1_000
    },
    'limiter.limit'({ limiter, key, to }) {
      // Many keys have many limits at once: no number says them all.
      if (key === '') adapted.cell({ limiter }).value = to
    },
    'discovery.set'({ service, size, added, removed }) {
      instances.cell({ service }).value = size
      stale.cell({ service }).value = 0
      changes.cell({ service, change: 'added' }).value += added.length
      changes.cell({ service, change: 'removed' }).value += removed.length
    },
    'discovery.error'({ service }) {
      errors.cell({ service }).value++
      stale.cell({ service }).value = 1
    },
    'discovery.connection'({ service, state: to }) {
      connected.cell({ service, state: to }).value++
      if (to === 'opened') add(connections.cell({ service }), 1)
      else if (to === 'closed') add(connections.cell({ service }), -1)
    },
    'discovery.outlier'({ service, state: to, why = 'unknown' }) {
      add(ejected.cell({ service }), to === 'ejected' ? 1 : -1)
      if (to === 'ejected') ejections.cell({ service, why }).value++
    },
    'discovery.snapshot'({ service, state: to, size = 0, why = '' }) {
      snapshots.cell({ service, state: to, why }).value++
      if (to !== 'loaded') return
      instances.cell({ service }).value = size
      stale.cell({ service }).value = 1
    },
    'discovery.registration'({ service, from, to }) {
      registrations.cell({ service, to }).value++
      add(registered.cell({ service }), Number(to === 'registered') - Number(from === 'registered'))
    },
    'discovery.registrarError': ({ service, operation }) => void refused.cell({ service, operation }).value++,
    'lock.transition'({ lock: name, from, to, lost }) {
      const lock = lockOf(name)
      locks.cell({ lock, to }).value++
      if (lost !== undefined) losses.cell({ lock, why: lost }).value++
      add(held.cell({ lock }), Number(to === 'held') - Number(from === 'held'))
    },
    'lock.error': ({ lock, operation }) => void lockErrors.cell({ lock: lockOf(lock), operation }).value++,
    'discovery.health'({ service, from, to }) {
      add(unhealthy.cell({ service }), Number(to === 'unhealthy') - Number(from === 'unhealthy'))
      if (to !== 'gone') healthChanges.cell({ service, state: to }).value++
    },
    'discovery.panic'({ service, state: to }) {
      panicking.cell({ service }).value = Number(to === 'began')
    },
    'drain.step'({ app, service = '', step, elapsed }) {
      steps.cell({ app, service, step }).value = elapsed / 1_000
    },
    'server.rejected': ({ transport, reason, failure }) =>
      void rejected.cell({ transport, reason: reasonOf(transport, reason), code: failure.code }).value++,
    'client.connection'({ transport, peer, state: to }) {
      const label = peerOf(transport, peer)
      peerChanges.cell({ transport, peer: label, state: to }).value++
      if (label !== other) peers.cell({ transport, peer: label }).value = Number(to === 'connected')
    },
    'consumer.message': ({ consumer, method, result }) =>
      void consumed.cell({ consumer, ...of(method), result }).value++,
    'consumer.drained'({ consumer, elapsed, pending: held }) {
      drained.cell({ consumer }).value = elapsed / 1_000
      pending.cell({ consumer }).value = held
    },
  }
  // A kind that a newer kernel reports is not for us.
  return (event) => (listeners[event.kind] as ((event: Telemetry) => void) | undefined)?.(event)
}
