// Where instances come from: complete sets or an error, told to whoever subscribes. The part every registry shares, so
// that a backend is only its watch.
import { knownOptions, type OptionNames, report, type TelemetryListener } from '@tenon/endpoint'
import { completeSet, type Instance, type InstanceFields, sameSet } from './instance.ts'
import { type Steadiness, steady, steadyOptions } from './steady.ts'

/** What is known of a service's instances at one moment. */
export interface InstanceState {
  /** The last good complete set, sorted by id; empty when it is known that there is none, `undefined` when nothing is known yet. */
  readonly instances: readonly Instance[] | undefined
  /** Why the registry cannot be asked at the moment: `instances` may be stale. `undefined` when all is well. */
  readonly error: unknown
}

/** Hears what is known. Called synchronously; it should not take long, and what it throws is reported and ignored. */
export type InstanceListener = (state: InstanceState) => void

/**
 * Watches one service. It asks its registry while somebody subscribes, so one that nobody listens to holds nothing.
 * Disposing ends it for good; subscribers hear nothing more.
 */
export interface Instancer extends AsyncDisposable {
  readonly service: string
  /** Tells `listener` the current state at once and then every change, each with a copy of its own. Dispose to stop. */
  subscribe(listener: InstanceListener): Disposable
}

/** Where a registry's watch puts what it finds. */
export interface InstanceSink {
  /**
   * The complete set now, in any order. Malformed entries are reported and left out. The same set again is no change.
   * `error`: the registry still cannot be asked, the set is known otherwise.
   */
  set(instances: Iterable<string | InstanceFields>, error?: unknown): void
  /** The registry cannot be asked; the last good set stays. The same error again is no change. */
  fail(error: unknown): void
}

/** What an instancer is made of. */
export interface InstancerOptions extends Steadiness {
  readonly service: string
  /**
   * Starts the watch, when the first subscriber comes. Answers what stops it, called when the last subscriber leaves.
   * What it throws counts as `fail`.
   */
  readonly start: (sink: InstanceSink) => (() => void | Promise<void>) | void
  /** Hears `discovery.set` and `discovery.error`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

const named: OptionNames<InstancerOptions> = {
  service: true,
  start: true,
  onTelemetry: true,
  coalesce: true,
  protectEmpty: true,
  clock: true,
}

interface Observer {
  readonly listener: InstanceListener
  /** The number of the state it has seen. */
  seen: number
}

const unknown: InstanceState = { instances: undefined, error: undefined }
const nothing = (): void => {}

/** An instancer of a watch: what every registry's instancer is made with. */
export function instancerOf(options: InstancerOptions): Instancer {
  const { service, start, onTelemetry } = options
  if (typeof service !== 'string' || service === '') throw new TypeError('an instancer needs the name of its service')
  if (typeof start !== 'function') throw new TypeError(`instancer of ${service}: "start" must be a function`)
  knownOptions(`instancer of ${service}`, options, named)
  steadyOptions(`instancer of ${service}`, options)
  const observers = new Set<Observer>()
  let state = unknown
  let number = 0
  let telling = false
  let disposed = false
  let stop: (() => void | Promise<void>) | undefined
  let stopped: Promise<void> = Promise.resolve()

  function tell(observer: Observer): void {
    if (observer.seen === number) return
    observer.seen = number
    const { instances, error } = state
    try {
      const answer: unknown = observer.listener({ instances: instances?.slice(), error })
      if (answer instanceof Promise) answer.catch(misbehaved)
    } catch (cause) {
      misbehaved(cause)
    }
  }

  /** A listener may change the state or subscribe others: everybody sees the states in order, and ends with the last. */
  function tellAll(): void {
    if (telling) return
    telling = true
    for (let told = -1; told !== number; ) {
      told = number
      for (const observer of observers) tell(observer)
    }
    telling = false
  }

  function become(next: InstanceState): void {
    state = next
    number++
    tellAll()
  }

  const failed = (error: unknown): void => report(onTelemetry, { kind: 'discovery.error', service, error })

  function begin(): void {
    let live = true
    let end: (() => void | Promise<void>) | undefined
    const gate = steady(options, {
      set(instances, error) {
        const { instances: before, error: last } = state
        const changes = before === undefined || !sameSet(before, instances)
        const again = sameError(last, error)
        if (changes) {
          const { length: size } = instances
          report(onTelemetry, { kind: 'discovery.set', service, size, ...difference(before, instances) })
        }
        if (error !== undefined && !again) failed(error)
        if (changes || !again) become({ instances: changes ? instances : before, error: again ? last : error })
      },
      fail(error) {
        if (sameError(state.error, error)) return
        failed(error)
        become({ instances: state.instances, error })
      },
    })
    stop = () => {
      live = false
      gate.stop()
      return end?.()
    }
    const sink: InstanceSink = {
      set(list, error) {
        if (live) gate.set(completeSet(list, failed), error)
      },
      fail(error) {
        if (live) gate.fail(error ?? new Error('the registry failed and did not say why'))
      },
    }
    try {
      end = start(sink) ?? undefined
    } catch (error) {
      sink.fail(error)
    }
  }

  function halt(): void {
    const ending = stop
    stop = undefined
    state = unknown
    number++
    if (ending === undefined) return
    stopped = Promise.all([stopped, new Promise<void>((resolve) => resolve(ending())).catch(failed)]).then(nothing)
  }

  return {
    service,
    subscribe(listener) {
      if (typeof listener !== 'function') throw new TypeError(`instancer of ${service}: a listener is a function`)
      const observer: Observer = { listener, seen: -1 }
      if (!disposed && stop === undefined) begin()
      if (!disposed) observers.add(observer)
      tell(observer)
      return {
        [Symbol.dispose]: () => {
          if (observers.delete(observer) && observers.size === 0) halt()
        },
      }
    },
    [Symbol.asyncDispose]: () => {
      disposed = true
      observers.clear()
      halt()
      return stopped
    },
  }
}

/** A listener's own mistake: it must not keep the others from hearing. */
const misbehaved = (cause: unknown): void => report(undefined, { kind: 'defect', method: undefined, cause })

function difference(
  before: readonly Instance[] | undefined,
  after: readonly Instance[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const had = new Set(before?.map((one) => one.id))
  const has = new Set(after.map((one) => one.id))
  return { added: [...has].filter((id) => !had.has(id)), removed: [...had].filter((id) => !has.has(id)) }
}

/** Clients make a new Error for each attempt: what it says is what counts. */
const sameError = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Error && b instanceof Error && a.name === b.name && a.message === b.message)
