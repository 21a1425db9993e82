// Who waits for a place: what matters most goes first, within that by age, and there are never more than may be.
import type { Why } from './failure.ts'
import type { Rank } from './priority.ts'

/** A call that waits. It is told exactly one of these, and is in no queue any more by then. */
export interface Waiter {
  readonly rank: Rank
  /** When its time is up, on the limiter's clock. */
  readonly deadline: number
  goesAhead(now: number): void
  isRefused(why: Why, now: number): void
  /** Its neighbours in the queue, of the same rank. */
  newer: Waiter | undefined
  older: Waiter | undefined
}

interface Line {
  oldest: Waiter | undefined
  newest: Waiter | undefined
}

/** A line for each rank. All operations are O(1). */
export class Waiters {
  readonly #lines: readonly Line[] = Array.from({ length: 4 }, () => ({ oldest: undefined, newest: undefined }))
  count = 0

  /** Does anybody of this rank, or of one that matters more, wait? */
  ahead(rank: Rank): boolean {
    for (let each = 0; each <= rank; each++) if (this.#lines[each]?.oldest !== undefined) return true
    return false
  }

  /** Who goes next. */
  next(order: 'fifo' | 'lifo'): Waiter | undefined {
    const line = this.#lines.find(({ oldest }) => oldest !== undefined)
    return order === 'fifo' ? line?.oldest : line?.newest
  }

  /**
   * Whom a full queue lets go for a newcomer: one that matters less; newest first gives up the oldest too, which has the
   * least time left. `undefined` where the newcomer is the one to go.
   */
  displacedBy(rank: Rank, order: 'fifo' | 'lifo'): Waiter | undefined {
    for (let each: number = 3; each >= rank; each--) {
      const line = this.#lines[each] as Line
      if (line.oldest === undefined) continue
      if (order === 'lifo') return line.oldest
      return each > rank ? line.newest : undefined
    }
    return undefined
  }

  add(waiter: Waiter): void {
    const line = this.#lines[waiter.rank] as Line
    waiter.older = line.newest
    waiter.newer = undefined
    if (line.newest === undefined) line.oldest = waiter
    else line.newest.newer = waiter
    line.newest = waiter
    this.count++
  }

  /** Takes out one that is in. */
  remove(waiter: Waiter): void {
    const line = this.#lines[waiter.rank] as Line
    if (waiter.newer === undefined) line.newest = waiter.older
    else waiter.newer.older = waiter.older
    if (waiter.older === undefined) line.oldest = waiter.newer
    else waiter.older.newer = waiter.newer
    this.count--
  }
}
