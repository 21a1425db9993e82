// What locks and leads share: their options, checked, and what is told of them.
import {
  type Clock,
  knownOptions,
  type LockError,
  type LockStatus,
  type LockTransition,
  type OptionNames,
  type Random,
  report,
  systemClock,
  systemRandom,
} from '@tenon/endpoint'
import { type Backoff, exponential, functionOption, numberOption } from '@tenon/policy'
import { type Locking, type LockView, lockingNames, type Observable } from './lock.ts'
import type { LockPort } from './lock-port.ts'

/** What a lock is made of. */
export interface LockOptions extends Locking {
  readonly key: string
  /** How long the registry keeps what is held when nothing is heard of the holder, at least. */
  readonly ttl: number
  /** The calls for one hold. */
  readonly port: () => LockPort
}

export interface LockWorld extends Observable {
  readonly port: () => LockPort
  readonly ttl: number
  readonly margin: number
  readonly timeout: number
  readonly retry: Backoff
  readonly drainTimeout: number
  readonly clock: Clock
  readonly random: Random
  become(to: LockStatus, what?: { readonly token?: bigint; readonly lost?: LockTransition['lost'] }): void
  /** The registry answers again. */
  answered(): void
  /** Somebody else has it. */
  takenBy(holder: string | undefined): void
  failed(operation: LockError['operation'], cause: unknown): void
}

/** @throws TypeError or RangeError on a bad option. */
export function lockWorld(what: string, options: LockOptions, own: Readonly<Record<string, true>> = {}): LockWorld {
  const { key, ttl, onTelemetry, clock = systemClock, random = systemRandom } = options
  if (typeof key !== 'string' || key === '') throw new TypeError(`${what}: "key" must be a name`)
  const where = `${what} ${key}`
  knownOptions(where, options, { ...named, ...own })
  numberOption(where, 'ttl', ttl, { above: 0, unit: 'milliseconds' })
  const { margin = ttl / 10, timeout = 5_000, drainTimeout = 10_000 } = options
  numberOption(where, 'margin', margin, { min: 0, max: ttl / 2, unit: 'milliseconds' })
  numberOption(where, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'drainTimeout', drainTimeout, { min: 0, unit: 'milliseconds' })
  const { retry = exponential({ from: 100, to: 2_000, jitter: 'equal' }) } = options
  functionOption(where, 'retry.next', retry.next)

  const listeners = new Set<(view: LockView) => void>()
  let view: LockView = { key, status: 'idle' }
  const tell = (listener: (view: LockView) => void): void => {
    try {
      listener(view)
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
  }
  const change = (next: LockView): void => {
    view = next
    for (const listener of listeners) tell(listener)
  }
  return {
    key,
    port: functionOption(where, 'port', options.port),
    ttl,
    margin,
    timeout,
    retry,
    drainTimeout,
    clock,
    random,
    view: () => view,
    subscribe(listener) {
      functionOption(where, 'listener', listener)
      // The same function twice is two subscriptions.
      const own = (seen: LockView): void => listener(seen)
      listeners.add(own)
      tell(own)
      return { [Symbol.dispose]: () => void listeners.delete(own) }
    },
    become(to, { token, lost } = {}) {
      const from = view.status
      if (from === to) return
      report(onTelemetry, {
        kind: 'lock.transition',
        lock: key,
        from,
        to,
        ...(token === undefined ? {} : { token: String(token) }),
        ...(lost === undefined ? {} : { lost }),
      })
      change({ key, status: to, ...(token === undefined ? {} : { token }) })
    },
    answered() {
      const { error, ...rest } = view
      if (error !== undefined) change(rest)
    },
    takenBy(holder) {
      if (view.status !== 'waiting' || (view.holder === holder && view.error === undefined)) return
      change({ key, status: 'waiting', ...(holder === undefined ? {} : { holder }) })
    },
    failed(operation, cause) {
      const error = cause ?? new Error('it failed and did not say why')
      report(onTelemetry, { kind: 'lock.error', lock: key, operation, error })
      if (operation !== 'lead') change({ ...view, error })
    },
  }
}

const named: OptionNames<LockOptions> = { ...lockingNames, key: true, port: true }
