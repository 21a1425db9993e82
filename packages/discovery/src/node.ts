// One instance and what connects to it: made by a factory, tried again when that failed, shared by all calls, closed
// once the instance is gone and its last call has ended.
import { type Clock, type Random, report, type TelemetryListener, type Timer } from '@tenon/endpoint'
import type { Backoff } from '@tenon/policy'
import type { Instance } from './instance.ts'

/**
 * `connecting` for the first time, `ready` for calls, `failing` (its factory failed and is tried again), `leaving` (the
 * instance is gone, calls in flight go on), `closed`.
 */
export type NodeState = 'connecting' | 'ready' | 'failing' | 'leaving' | 'closed'

/** An instance with its connection, as balancers see it. The same object for as long as the instance stays. */
export interface Node<out T = unknown> {
  readonly id: string
  /** What the registry last said of it. */
  readonly instance: Instance
  /** What the factory made for it. */
  readonly resource: T
  /** Calls that run on it now; a stream counts until it ends. */
  readonly inFlight: number
  readonly state: NodeState
  /** Counts a call in. Whoever enters must leave, once. */
  enter(): void
  /** Counts a call out; the last one closes a node that is leaving. */
  leave(): void
}

/** Makes what connects to an instance. `signal` aborts when nobody wants it any more: instance gone, time up, closed. */
export type Connect<T> = (instance: Instance, options: { readonly signal: AbortSignal }) => T | Promise<T>

/** What all nodes of an endpointer share. */
export interface NodeWorld<T> {
  readonly service: string
  readonly connect: Connect<T>
  readonly connectTimeout: number
  readonly reconnect: Backoff
  readonly grace: number
  readonly clock: Clock
  readonly random: Random
  readonly onTelemetry: TelemetryListener | undefined
  /** A node became ready, or failed. `later`: not within its `open`. */
  changed(): void
}

export class Connection<T> implements Node<T> {
  readonly id: string
  instance: Instance
  state: NodeState = 'connecting'
  inFlight = 0
  /** Why the factory failed last. */
  error: unknown
  readonly #world: NodeWorld<T>
  #resource: T | undefined
  /** The attempt that runs; an answer to another one comes too late. */
  #dial: AbortController | undefined
  #attempts = 0
  #wait = 0
  /** The next attempt, the limit of this one, or the end of the grace: never two of them. */
  #timer: Timer | undefined
  #gone: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  constructor(instance: Instance, world: NodeWorld<T>) {
    this.id = instance.id
    this.instance = instance
    this.#world = world
  }

  get resource(): T {
    return this.#resource as T
  }

  /** Asks the factory. Tells `changed` when it has answered, at once or later. */
  open(): void {
    // A factory that ran before it may have closed everything.
    if (this.state === 'closed') return
    const { connect, connectTimeout, clock } = this.#world
    const dial = new AbortController()
    this.#dial = dial
    let answer: T | Promise<T>
    try {
      answer = connect(this.instance, { signal: dial.signal })
    } catch (cause) {
      this.#failed(cause)
      return
    }
    if (!(answer instanceof Promise)) {
      this.#opened(answer)
      return
    }
    this.#timer = clock.at(clock.now() + connectTimeout, () => {
      this.#hangUp()
      this.#failed(new Error(`no connection within ${connectTimeout} ms`))
    })
    answer.then(
      (resource) => {
        if (this.#dial === dial) this.#opened(resource)
        else void release(resource).catch(() => undefined)
      },
      (cause) => {
        if (this.#dial === dial) this.#failed(cause)
      },
    )
  }

  enter(): void {
    this.inFlight++
  }

  leave(): void {
    if (--this.inFlight === 0 && this.state === 'leaving') this.#close()
  }

  /** The instance is gone: no new calls, and closed when the last one has ended or the grace is over. */
  retire(): Promise<void> {
    if (this.#gone !== undefined) return this.#gone.promise
    this.#hangUp()
    this.#gone = Promise.withResolvers<void>()
    if (this.state === 'ready') {
      this.state = 'leaving'
      this.#report('closing')
      const { clock, grace } = this.#world
      if (this.inFlight === 0) this.#close()
      else this.#timer = clock.at(clock.now() + grace, () => this.#close())
    } else {
      this.state = 'closed'
      this.#gone.resolve()
    }
    return this.#gone.promise
  }

  /** The instance is back before its connection was closed: it stays. */
  revive(): boolean {
    if (this.state !== 'leaving') return false
    this.#timer?.cancel()
    this.#timer = undefined
    this.#gone?.resolve()
    this.#gone = undefined
    this.state = 'ready'
    this.#report('opened')
    return true
  }

  #opened(resource: T): void {
    // A factory may take its own instance out of the registry while it runs.
    if (this.state === 'closed') {
      void release(resource).catch(() => undefined)
      return
    }
    this.#timer?.cancel()
    this.#timer = undefined
    this.#dial = undefined
    this.#attempts = 0
    this.#wait = 0
    this.error = undefined
    this.#resource = resource
    this.state = 'ready'
    this.#report('opened')
    this.#world.changed()
  }

  #failed(cause: unknown): void {
    if (this.state === 'closed') return
    this.#timer?.cancel()
    this.#dial = undefined
    this.error = cause
    this.state = 'failing'
    const { reconnect, clock, random } = this.#world
    this.#wait = reconnect.next(++this.#attempts, this.#wait, random)
    this.#timer = clock.at(clock.now() + this.#wait, () => {
      this.#timer = undefined
      this.open()
    })
    this.#report('failed', cause)
    this.#world.changed()
  }

  #hangUp(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const dial = this.#dial
    this.#dial = undefined
    dial?.abort()
  }

  #close(): void {
    this.#timer?.cancel()
    this.state = 'closed'
    const gone = this.#gone as { readonly resolve: () => void }
    const { clock, connectTimeout } = this.#world
    let over = false
    const done = (error?: unknown): void => {
      if (over) return
      over = true
      this.#timer?.cancel()
      this.#timer = undefined
      this.#report('closed', error)
      gone.resolve()
    }
    // A close that hangs must not keep whoever drains.
    this.#timer = clock.at(clock.now() + connectTimeout, () =>
      done(new Error(`not closed within ${connectTimeout} ms`)),
    )
    release(this.#resource).then(() => done(), done)
  }

  #report(state: 'opened' | 'failed' | 'closing' | 'closed', error?: unknown): void {
    const { service, onTelemetry } = this.#world
    const { id: instance } = this
    report(onTelemetry, {
      kind: 'discovery.connection',
      service,
      instance,
      state,
      ...(error === undefined ? {} : { error }),
    })
  }
}

/** Closes what a factory made, when it can be closed. */
async function release(resource: unknown): Promise<void> {
  if (resource === null || (typeof resource !== 'object' && typeof resource !== 'function')) return
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = resource as Partial<AsyncDisposable & Disposable>
  if (later !== undefined) await later.call(resource as AsyncDisposable)
  else now?.call(resource as Disposable)
}
