// Somebody who listens to a service and remembers when what was heard.
import type { Instancer } from '@tenon/discovery'

/** What is known at a moment. */
export interface Known {
  /** `undefined` while nothing is known. */
  readonly ids: readonly string[] | undefined
  readonly error: unknown
}

export interface Ear extends Disposable {
  readonly known: Known
  /** Sets that were told, without the first. */
  readonly told: number
  /** Sets that were told and were the one before. */
  readonly again: number
  /**
   * When it was first like this, from now on, in milliseconds of `performance`. Rejects when it is not within `patience`,
   * and when the signal aborts.
   */
  until(
    like: (known: Known) => boolean,
    options: { readonly signal: AbortSignal; readonly patience?: number },
  ): Promise<number>
}

interface Waiting {
  readonly like: (known: Known) => boolean
  readonly resolve: (at: number) => void
}

/** Milliseconds, on a machine that has other things to do. */
const usual = 30_000

/** Nobody may wait for it any more when it fails: whoever waits hears of it all the same. */
export const unheard = (promise: Promise<unknown>): void => void promise.catch(() => {})

/** Listens to what `start` tells, until it is disposed of. */
export function ear(start: (tell: (ids: Known['ids'], error?: unknown) => void) => () => void): Ear {
  let known: Known = { ids: undefined, error: undefined }
  let told = -1
  let again = 0
  const waiting = new Set<Waiting>()
  const stop = start((ids, error) => {
    const at = performance.now()
    if (ids !== undefined && error === undefined) {
      told++
      if (known.error === undefined && String(known.ids) === String(ids)) again++
    }
    known = { ids, error }
    for (const each of waiting) if (each.like(known)) each.resolve(at)
  })
  return {
    get known() {
      return known
    },
    get told() {
      return told
    },
    get again() {
      return again
    },
    until(like, { signal, patience = usual }) {
      if (like(known)) return Promise.resolve(performance.now())
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      const one = { like, resolve }
      const late = setTimeout(
        () => reject(new Error(`not heard within ${patience} ms: known is ${known.ids}, ${known.error}`)),
        patience,
      )
      const given = (): void => reject(signal.reason)
      signal.addEventListener('abort', given)
      if (signal.aborted) given()
      waiting.add(one)
      const heard = promise.finally(() => {
        waiting.delete(one)
        clearTimeout(late)
        signal.removeEventListener('abort', given)
      })
      unheard(heard)
      return heard
    },
    [Symbol.dispose]: stop,
  }
}

/** Listens to an instancer. */
export const listen = (instancer: Instancer): Ear =>
  ear((tell) => {
    const subscription = instancer.subscribe(({ instances, error }) =>
      tell(
        instances?.map(({ id }) => id),
        error,
      ),
    )
    return () => subscription[Symbol.dispose]()
  })

export const has =
  (id: string) =>
  ({ ids }: Known): boolean =>
    ids?.includes(id) === true

export const hasNot =
  (id: string) =>
  ({ ids }: Known): boolean =>
    ids?.includes(id) === false

/** Exactly these, in whatever order. */
export const are = (wanted: readonly string[]) => {
  const set = new Set(wanted)
  return ({ ids }: Known): boolean => ids?.length === set.size && ids.every((id) => set.has(id))
}
