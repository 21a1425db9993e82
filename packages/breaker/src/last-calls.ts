// The last calls, each a hit or not, but none that is older than a window: a ring that also knows when.
import { type Evidence, numbersOf } from './detector.ts'

// Plain arrays: 8 bytes a call for when it ended, which a window of `Infinity` does without, and 8 for the hit.
export class LastCalls {
  readonly #size: number
  readonly #window: number
  readonly #ended: number[] = []
  readonly #hits: boolean[] = []
  /** Where the oldest one is. */
  #oldest = 0
  #newest = Number.NEGATIVE_INFINITY
  count = 0
  hits = 0

  constructor(size: number, window: number) {
    this.#size = size
    this.#window = window
  }

  /** Does it need to know the time? */
  get timed(): boolean {
    return this.#window !== Number.POSITIVE_INFINITY
  }

  /** O(1) amortised. A moment older than the newest counts as the newest. */
  add(hit: boolean, now: number): void {
    this.#newest = Math.max(this.#newest, now)
    if (this.timed) this.#expire(this.#newest)
    if (this.count === this.#size) this.#drop()
    const place = (this.#oldest + this.count) % this.#size
    this.#hits[place] = hit
    if (this.timed) this.#ended[place] = this.#newest
    this.count++
    if (hit) this.hits++
  }

  clear(): void {
    this.#oldest = 0
    this.count = 0
    this.hits = 0
  }

  /** The ages of the calls and whether they are hits, oldest first. */
  evidence(now: number): Evidence {
    if (this.timed) this.#expire(Math.max(this.#newest, now))
    return Array.from({ length: this.count }, (_, index) => {
      const place = (this.#oldest + index) % this.#size
      const age = this.timed ? Math.max(0, now - (this.#ended[place] as number)) : 0
      return [age, this.#hits[place] ? 1 : 0]
    })
  }

  restore(where: string, evidence: Evidence, now: number): void {
    if (!Array.isArray(evidence)) throw new TypeError(`${where}: its evidence must be a list of calls`)
    const calls = evidence.map((call: Evidence) => numbersOf(where, call, 2))
    for (const [age = 0, hit] of calls.toSorted(([a = 0], [b = 0]) => b - a))
      this.add(hit === 1, now - Math.max(0, age))
  }

  #expire(now: number): void {
    while (this.count > 0 && now - (this.#ended[this.#oldest] as number) >= this.#window) this.#drop()
  }

  #drop(): void {
    if (this.#hits[this.#oldest]) this.hits--
    this.#oldest = (this.#oldest + 1) % this.#size
    this.count--
  }
}
