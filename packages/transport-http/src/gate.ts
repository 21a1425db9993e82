// How busy a server is, and whether it takes calls at all. One for all methods of a server; a listener that stands among
// the routes of a server has its own limit within the server's.
import type { CheckedLimits } from '@tenon/endpoint'
import type { RequestLimits } from './limits.ts'
import { Waiting } from './waiting.ts'

/** What a gate keeps within bounds. */
export type GateLimits = Pick<CheckedLimits<RequestLimits>, 'concurrent' | 'allBodies' | 'allAnswers'>

export class Gate {
  readonly #limits: GateLimits
  /** Requests without an answer. */
  inFlight = 0
  /** Calls that are worked on, those included whose answer nobody waits for any more. */
  #running = 0
  /** Bytes of bodies that have begun to come. */
  #bytes = 0
  #draining = false
  readonly #outer: Gate | undefined
  /** The server's, where there is one around. */
  readonly waiting: Waiting

  constructor(limits: GateLimits, outer?: Gate) {
    this.#limits = limits
    this.#outer = outer
    this.waiting = outer?.waiting ?? new Waiting(limits.allAnswers)
  }

  get draining(): boolean {
    return this.#draining || this.#outer?.draining === true
  }
  drain(): void {
    this.#draining = true
  }
  arrive(): void {
    this.inFlight++
    this.#outer?.arrive()
  }
  depart(): void {
    this.inFlight--
    this.#outer?.depart()
  }
  /** The limit that is reached where no place is free among those that run. */
  get full(): number | undefined {
    return this.#running >= this.#limits.concurrent ? this.#limits.concurrent : this.#outer?.full
  }
  /** Takes a place among those that run; where none is free, answers the limit that is reached. `leave` gives it back. */
  enter(): number | undefined {
    if (this.#running >= this.#limits.concurrent) return this.#limits.concurrent
    const full = this.#outer?.enter()
    if (full === undefined) this.#running++
    return full
  }
  leave(): void {
    this.#running--
    this.#outer?.leave()
  }
  /** Takes room for a piece of a body; where there is none, answers the limit. `free` gives it back in either case. */
  hold(bytes: number): number | undefined {
    this.#bytes += bytes
    const full = this.#outer?.hold(bytes)
    return this.#bytes > this.#limits.allBodies ? this.#limits.allBodies : full
  }
  free(bytes: number): void {
    this.#bytes -= bytes
    this.#outer?.free(bytes)
  }
}
