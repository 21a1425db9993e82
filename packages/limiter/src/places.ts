// Places, of which each call under way takes one: the state of a concurrency limiter. A simulator can drive it too.
import type { Estimate } from './adaptive.ts'
import type { PlaceRule } from './concurrent.ts'
import type { Level } from './level.ts'
import type { Rank } from './priority.ts'
import type { Sign } from './sign.ts'
import { type Waiter, Waiters } from './waiters.ts'

/** What a call is thought to take before one has ended: milliseconds, for `retryAfter` only. */
const unknown = 1_000

// A class, since there may be one for each key of many.
export class Places {
  #rule: PlaceRule
  #estimate: Estimate | undefined
  #underWay = 0
  /** Made when somebody waits for the first time: most keys never have one that does. */
  #waiters: Waiters | undefined
  /** What a call takes: an average over the last ten or so that were timed. */
  #mean: number | undefined

  constructor(rule: PlaceRule) {
    this.#rule = rule
    this.#estimate = typeof rule.limit === 'number' ? undefined : rule.limit.start()
  }

  get underWay(): number {
    return this.#underWay
  }

  /** What a call takes on average, in milliseconds; 0 while none has ended. */
  get expected(): number {
    return this.#mean ?? 0
  }

  /** Has a call ended that was timed? */
  get measured(): boolean {
    return this.#mean !== undefined
  }

  /** Takes a place, where there is one and nobody waits for it. */
  enter(rank: Rank, now: number): boolean {
    const waiters = this.#waiters
    if (
      this.#underWay < this.#room(rank, now) &&
      (waiters === undefined || waiters.count === 0 || !waiters.ahead(rank))
    ) {
      this.#underWay++
      return true
    }
    this.#estimate?.refused?.(now)
    return false
  }

  /** Lets a call wait. False: there is no room. Somebody else may have to make some. */
  offer(waiter: Waiter, now: number): boolean {
    const { queue, order } = this.#rule
    if (queue === 0) return false
    this.#waiters ??= new Waiters()
    const waiters = this.#waiters
    if (waiters.count >= queue) {
      const displaced = waiters.displacedBy(waiter.rank, order)
      if (displaced === undefined) return false
      waiters.remove(displaced)
      waiters.add(waiter)
      displaced.isRefused('displaced', now)
    } else waiters.add(waiter)
    return true
  }

  /** One that waits has gone. */
  withdraw(waiter: Waiter): void {
    this.#waiters?.remove(waiter)
  }

  /** A call has ended. `now` is read only where somebody waits. */
  leave(now: () => number): void {
    this.#underWay--
    if (this.#waiters !== undefined && this.#waiters.count > 0) this.#admit(now())
  }

  /** The same of one that was timed. `beside`: how many were under way when it began. */
  record(now: number, began: number, beside: number, sign: Sign): void {
    this.#underWay--
    const took = Math.max(0, now - began)
    // One that ran out of time took at least as long. One that failed quickly says nothing.
    if (sign === 'served' || (sign === 'overloaded' && took > this.expected))
      this.#mean = this.#mean === undefined ? took : this.#mean + (took - this.#mean) / 10
    this.#estimate?.record(now, began, beside, sign)
    this.#admit(now)
  }

  /** Lets those go ahead who wait and may. What cannot be done before its deadline is not begun. */
  #admit(now: number): void {
    const waiters = this.#waiters
    if (waiters === undefined) return
    for (let next = waiters.next(this.#rule.order); next !== undefined; next = waiters.next(this.#rule.order)) {
      const late = next.deadline - now <= this.expected
      if (!late && this.#underWay >= this.#room(next.rank, now)) return
      waiters.remove(next)
      if (late) next.isRefused('deadline', now)
      else {
        this.#underWay++
        next.goesAhead(now)
      }
    }
  }

  /** Milliseconds until a place should be free for one more, if calls take what they took. */
  retryAfter(now: number): number {
    const limit = this.limit(now)
    return ((this.#mean ?? unknown) * ((this.#waiters?.count ?? 0) + 1)) / Math.min(limit, Math.max(1, this.#underWay))
  }

  limit(now: number): number {
    return this.#estimate === undefined ? (this.#rule.limit as number) : this.#estimate.limit(now)
  }

  fresh(): boolean {
    return this.#underWay === 0
  }

  level(now: number): Level {
    return { limit: this.limit(now), used: this.#underWay, waiting: this.#waiters?.count ?? 0 }
  }

  /** What is under way and who waits stays; an estimate goes on from where the limit was. */
  follow(rule: PlaceRule, now: number): void {
    const { limit } = rule
    if (limit !== this.#rule.limit)
      this.#estimate = typeof limit === 'number' ? undefined : limit.start(this.limit(now))
    this.#rule = rule
    this.#admit(now)
  }

  #room(rank: Rank, now: number): number {
    const limit = this.limit(now)
    if (!this.#rule.ranks) return limit
    const share = this.#rule.shares[rank] as number
    // Somebody can always go where nobody is under way: nothing is shut out for ever.
    return share === 1 ? limit : Math.max(1, Math.floor(limit * share))
  }
}
