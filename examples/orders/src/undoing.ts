// Orders that did not go through, and the undoing of what may have been done of them: as long as it takes, whoever is down
// meanwhile. What waits here is lost with the process; keeping it across a crash takes a database.
import { type CallOptions, type Clock, type Outcome, systemClock } from '@tenon/endpoint'

/** Undoes one step, which may never have happened. Doing so twice is harmless. */
export type Undo = (options: CallOptions) => Promise<Outcome>

export interface Undoing {
  /** Undoes these steps of an order, side by side: none waits for what another one calls. */
  undo(id: string, steps: readonly Undo[]): void
  /** Was it undone, or is it about to be? */
  has(id: string): boolean
  /** Orders that wait for it. */
  readonly pending: number
  /** Orders that were undone. */
  readonly undone: number
  /** No more may be added: something has been down for long. */
  readonly full: boolean
  /** Waits for what is pending; when the signal aborts, that stays undone. */
  drain(options: { readonly signal: AbortSignal }): Promise<void>
}

/** Milliseconds: how long a step may take, and how long one that failed waits. */
const patience = 1_000
const pause = 250

/** At most `limit` orders (default 1,000) wait here. */
export function undoing({ limit = 1_000, clock = systemClock }: { limit?: number; clock?: Clock } = {}): Undoing {
  const known = new Set<string>()
  const pending = new Set<Promise<void>>()
  const stopping = new AbortController()
  const { signal } = stopping
  const work = async (step: Undo): Promise<void> => {
    while ((await step({ timeout: patience, signal }))._tag === 'Left') {
      await clock.sleep(pause, signal)
      if (signal.aborted) return
    }
  }
  let failed = 0
  return {
    undo(id, steps) {
      known.add(id)
      const done: Promise<void> = Promise.all(steps.map(work)).then(() => {
        pending.delete(done)
        if (signal.aborted) failed++
      })
      pending.add(done)
    },
    has: (id) => known.has(id),
    get pending() {
      return pending.size + failed
    },
    get undone() {
      return known.size - pending.size - failed
    },
    get full() {
      return pending.size >= limit
    },
    async drain({ signal: late }) {
      const stop = (): void => stopping.abort()
      late.addEventListener('abort', stop)
      if (late.aborted) stop()
      while (pending.size > 0) await Promise.all(pending)
      late.removeEventListener('abort', stop)
    },
  }
}
