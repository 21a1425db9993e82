// Watches one key for all who listen to it.
import { type Failure, report, type TelemetryListener } from '@tenon/endpoint'
import type { KvState } from './kv.ts'
import type { KvPort, KvStored } from './kv-port.ts'
import type { KvTexts } from './kv-value.ts'

type Listener<A, E extends Failure> = (state: KvState<A, E>) => void

/** Subscribes to a key: one watch of the registry for all, while somebody listens. */
export function kvWatch<A, E extends Failure>(
  key: string,
  port: Pick<KvPort, 'watch'>,
  texts: KvTexts<A>,
  onTelemetry: TelemetryListener | undefined,
): (listener: Listener<A, E>) => Disposable {
  const observers = new Set<Listener<A, E>>()
  const unknown: KvState<A, E> = { known: false, entry: undefined, error: undefined }
  let state = unknown
  let seen: KvStored | undefined
  /** Is the error at hand the registry's? Then the same value again is news: it answers. */
  let unheard = false
  let stop: (() => void | Promise<void>) | undefined

  function tell(listener: Listener<A, E>): void {
    try {
      listener(state)
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
    }
  }

  function become(next: KvState<A, E>): void {
    const { error } = next
    if (error !== undefined && error.message !== state.error?.message)
      report(onTelemetry, { kind: 'discovery.error', service: `kv ${key}`, error })
    state = next
    for (const listener of [...observers]) tell(listener)
  }

  function begin(): void {
    let live = true
    const end = port.watch({
      set(stored) {
        const same = stored?.index === seen?.index && stored?.text === seen?.text
        if (!live || (state.known && same && !unheard)) return
        seen = stored
        unheard = false
        const now = stored === undefined ? undefined : texts.decode(stored)
        // What is not valid takes no effect.
        if (now?._tag === 'Left') become({ known: true, entry: state.entry, error: now.left })
        else become({ known: true, entry: now?.right, error: undefined })
      },
      fail(cause) {
        const error = cause as E
        if (!live || error.message === state.error?.message) return
        unheard = true
        become({ ...state, error })
      },
    })
    stop = () => {
      live = false
      return end()
    }
  }

  function halt(): void {
    const end = stop
    stop = undefined
    state = unknown
    seen = undefined
    unheard = false
    void end?.()
  }

  return (listener) => {
    // The same function twice is two subscriptions.
    const own: Listener<A, E> = (state) => listener(state)
    observers.add(own)
    // Who begins a watch may be told of it while it begins.
    const before = state
    if (stop === undefined) begin()
    if (state === before) tell(own)
    return {
      [Symbol.dispose]: () => {
        if (observers.delete(own) && observers.size === 0) halt()
      },
    }
  }
}
