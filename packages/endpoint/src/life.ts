// How long a call lives: its deadline, its cancellation, and who must be told. The state that a context and its
// extensions share. Nothing here costs anything until somebody asks for the signal or listens.
import type { Clock } from './clock.ts'
import { type Cancelled, type DeadlineExceeded, deadlineExceeded } from './failure.ts'
import { report } from './telemetry.ts'
import type { Timer } from './timer.ts'

/** Why a call ended before its time. */
export type Ending = Cancelled | DeadlineExceeded

/** Hears that a call ended before its time. */
export type EndingListener = (why: Ending) => void

export class Life {
  readonly clock: Clock
  readonly parent: Life | undefined
  /** A signal from outside the kernel that ends this life too. */
  readonly #foreign: AbortSignal | undefined
  #deadline: number
  #ended: Ending | undefined
  #controller: AbortController | undefined
  #listeners: Set<EndingListener> | undefined
  #timer: Timer | undefined
  /** Are the parent, the foreign signal and the clock told to tell us? Only while somebody listens. */
  #linked = false

  constructor(clock: Clock, parent: Life | undefined, deadline: number, foreign: AbortSignal | undefined) {
    this.clock = clock
    this.parent = parent
    this.#deadline = parent !== undefined && parent.deadline < deadline ? parent.deadline : deadline
    this.#foreign = foreign
  }

  /** A life within this one that may not last longer than until `deadline`. */
  child(deadline: number = Number.POSITIVE_INFINITY, foreign?: AbortSignal): Life {
    return new Life(this.clock, this, deadline, foreign)
  }

  get deadline(): number {
    return this.#deadline
  }

  /** Why it ended, `undefined` while it goes on. Looks up the line, so that it is right even when nobody listens. */
  get ended(): Ending | undefined {
    if (this.#ended !== undefined) return this.#ended
    if (this.#foreign?.aborted) return endingOf(this.#foreign)
    return this.parent?.ended
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      const ended = this.ended
      if (ended === undefined) this.#link()
      else this.#controller.abort(ended)
    }
    return this.#controller.signal
  }

  /** Ends it. The first reason stays. */
  end(why: Ending): void {
    if (this.#ended !== undefined) return
    this.#ended = why
    const listeners = this.#listeners
    this.#listeners = undefined
    this.#unlink()
    this.#controller?.abort(why)
    if (listeners !== undefined) for (const listener of listeners) tell(listener, why)
  }

  /** Tells `listener` when it ends, at once when it has ended. The caller must `unlisten`. */
  listen(listener: EndingListener): void {
    const ended = this.ended
    if (ended !== undefined) {
      listener(ended)
      return
    }
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    this.#link()
  }

  unlisten(listener: EndingListener): void {
    if (this.#listeners?.delete(listener) && this.#listeners.size === 0 && this.#controller === undefined)
      this.#unlink()
  }

  /** The call is over: whoever was asked to tell us forgets us. The signal stays as it is. */
  finish(): void {
    this.#listeners = undefined
    this.#unlink()
  }

  /** From now on no deadline of its own ends it: a stream that opened in time may go on. */
  unbind(): void {
    this.#deadline = this.parent?.deadline ?? Number.POSITIVE_INFINITY
    this.#timer?.cancel()
    this.#timer = undefined
  }

  readonly #tell = (why: Ending): void => this.end(why)
  readonly #abort = (): void => this.end(endingOf(this.#foreign as AbortSignal))

  #link(): void {
    if (this.#linked) return
    this.#linked = true
    const parent = this.parent
    // The parent's own timer tells us where the deadline is the parent's.
    if (this.#deadline !== Number.POSITIVE_INFINITY && this.#deadline !== parent?.deadline)
      this.#timer = this.clock.at(this.#deadline, () => this.end(deadlineExceeded()))
    this.#foreign?.addEventListener('abort', this.#abort)
    parent?.listen(this.#tell)
  }

  #unlink(): void {
    if (!this.#linked) return
    this.#linked = false
    this.#timer?.cancel()
    this.#timer = undefined
    this.#foreign?.removeEventListener('abort', this.#abort)
    this.parent?.unlisten(this.#tell)
  }
}

function tell(listener: EndingListener, why: Ending): void {
  try {
    listener(why)
  } catch (cause) {
    // One listener that throws must not keep the others from hearing.
    report(undefined, { kind: 'defect', method: undefined, cause })
  }
}

function endingOf(signal: AbortSignal): Ending {
  const reason: unknown = signal.reason
  if (typeof reason === 'object' && reason !== null) {
    const { _tag, name } = reason as { _tag?: unknown; name?: unknown }
    if (_tag === 'Cancelled' || _tag === 'DeadlineExceeded') return reason as Ending
    if (name === 'TimeoutError') return deadlineExceeded()
  }
  return { _tag: 'Cancelled', code: 'cancelled', message: 'the caller gave up' }
}
