// One call to a registry: it has a deadline, can be cut short, and one that heeds neither is not waited for for ever.
import { type Cancelled, type Clock, cancelled, type DeadlineExceeded, deadlineExceeded } from '@tenon/endpoint'

/** What a call to a registry is told. */
export interface RegistryCall {
  /** Aborts when the call's time is up, or when its answer is not wanted any more. Settle soon after. */
  readonly signal: AbortSignal
  /** Milliseconds that it has. */
  readonly timeout: number
}

/** What may end a call before its time. */
export interface Cut {
  readonly signal: AbortSignal
  /** Milliseconds that the call may still take once it aborts. */
  readonly after: number
}

/** Milliseconds that a call which has been told to stop is waited for. One that heeds its signal needs none of them. */
const settling = 1_000

/**
 * What the call comes to. Rejects with `DeadlineExceeded` or `Cancelled` when it was told to stop, and with what it
 * failed with otherwise. `late` hears what a call answered after it had been given up.
 */
export function callRegistry<T>(
  clock: Clock,
  timeout: number,
  work: (call: RegistryCall) => Promise<T>,
  cuts: readonly Cut[],
  late?: (answer: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const listeners = cuts.map((cut) => ({ signal: cut.signal, hear: () => hurry(cut.after) }))
    let end = clock.now() + timeout
    let over = false
    let told: DeadlineExceeded | Cancelled | undefined
    const finish = (settle: () => void): void => {
      over = true
      timer.cancel()
      for (const { signal, hear } of listeners) signal.removeEventListener('abort', hear)
      settle()
    }
    const tell = (why: DeadlineExceeded | Cancelled): void => {
      told = why
      timer.cancel()
      timer = clock.at(clock.now() + settling, () => finish(() => reject(why)))
      controller.abort(why)
    }
    const hurry = (after: number): void => {
      if (over || told !== undefined || clock.now() + after >= end) return
      end = clock.now() + after
      const why = cancelled('it was not wanted any more')
      timer.cancel()
      if (after <= 0) tell(why)
      else timer = clock.at(end, () => tell(why))
    }
    let timer = clock.at(end, () => tell(deadlineExceeded(`the registry did not answer within ${timeout} ms`)))
    begun(() => work({ signal: controller.signal, timeout })).then(
      (answer) => {
        if (over) late?.(answer)
        else finish(() => resolve(answer))
      },
      (cause) => {
        if (!over) finish(() => reject(told ?? cause))
      },
    )
    for (const { signal, hear } of listeners) {
      if (signal.aborted) hear()
      else signal.addEventListener('abort', hear)
    }
  })
}

/** The promise of what a function does, however it fails. */
const begun = async <T>(work: () => Promise<T>): Promise<T> => work()
