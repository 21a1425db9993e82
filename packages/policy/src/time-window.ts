// A sliding window over time: a few counters, in buckets that the clock moves on. What ratios and rates are read from.
import { type Clock, knownOptions, type OptionNames, systemClock } from '@tenon/endpoint'
import { numberOption } from './option.ts'

export interface TimeWindowOptions {
  /** How far back it looks, in milliseconds: 1 or more. */
  readonly window: number
  /** How many buckets it is cut into: 1..1000, each at least 1 ms wide. More are more exact and larger. Default 10. */
  readonly buckets?: number
  /** How many counters there are: 1..16. Default 2, say successes and failures. */
  readonly counters?: number
  /** Default `systemClock`. It is read only where `now` is not passed. */
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * Counters over the recent past. `now` may be passed where the caller has read the clock already; without it the clock
 * is read. A `now` that is older than what was seen counts as the newest moment seen: nothing ever moves back.
 */
export interface TimeWindow {
  /** Milliseconds it looks back at most. What it really covers is between `window - bucket` and `window`. */
  readonly window: number
  /** Milliseconds a bucket is wide. */
  readonly bucket: number
  /** Adds `n` (whole, 1 unless told) to a counter. O(1) amortised, allocates nothing. RangeError: no such counter. */
  add(counter: number, n?: number, now?: number): void
  /** The counter's sum over the window. O(1) amortised. */
  total(counter: number, now?: number): number
  /** Milliseconds covered at this moment: from the start of the oldest bucket until now. For rates: `total / span`. */
  span(now?: number): number
  /**
   * What it holds, oldest first: of each bucket that is not empty its age in milliseconds (from its start until now),
   * then its counters. `add(counter, n, now - age)`, oldest first, fills another window with it.
   */
  buckets(now?: number): readonly (readonly number[])[]
  /** Forgets everything. */
  clear(): void
}

const named: OptionNames<TimeWindowOptions> = { window: true, buckets: true, counters: true, clock: true }

/**
 * A sliding window over time. Buckets start at multiples of their width on the clock, and the oldest is dropped whole,
 * so the window in effect is between `window - bucket` and `window` long (by default 90 to 100 %). It has no timers:
 * whoever touches it moves it on, over a jump of any size, at a cost of at most `buckets`.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function timeWindow(options: TimeWindowOptions): TimeWindow {
  knownOptions('timeWindow', options, named)
  const { window, buckets = 10, counters = 2, clock = systemClock } = options
  numberOption('timeWindow', 'window', window, { min: 1, unit: 'milliseconds' })
  numberOption('timeWindow', 'buckets', buckets, {
    min: 1,
    max: Math.min(1000, Math.floor(window)),
    whole: true,
    unit: 'each at least 1 ms wide',
  })
  numberOption('timeWindow', 'counters', counters, { min: 1, max: 16, whole: true })
  return new Buckets(window, buckets, counters, clock)
}

// A class and a plain array, since there may be one for each key of many: with two counters in ten buckets some 360
// bytes. Closures would add 250, a Float64Array 140.
class Buckets implements TimeWindow {
  readonly window: number
  readonly bucket: number
  readonly #buckets: number
  readonly #counters: number
  readonly #clock: Pick<Clock, 'now'>
  /** Bucket after bucket its counters; after the last bucket the totals. */
  readonly #cells: number[]
  /** Where in the ring the newest bucket is. */
  #head = 0
  /** The number of the newest bucket, from the clock's zero. So low at first that the first touch starts afresh. */
  #slot: number = Number.NEGATIVE_INFINITY
  /** When the newest bucket ends. */
  #ends: number = Number.NEGATIVE_INFINITY

  constructor(window: number, buckets: number, counters: number, clock: Pick<Clock, 'now'>) {
    this.window = window
    this.bucket = window / buckets
    this.#buckets = buckets
    this.#counters = counters
    this.#clock = clock
    this.#cells = new Array<number>((buckets + 1) * counters).fill(0)
  }

  add(counter: number, n = 1, now: number = this.#clock.now()): void {
    if (now >= this.#ends) this.#advance(now)
    const total = this.#totalAt(counter)
    const cells = this.#cells
    const cell = this.#head * this.#counters + counter
    cells[cell] = (cells[cell] as number) + n
    cells[total] = (cells[total] as number) + n
  }

  total(counter: number, now: number = this.#clock.now()): number {
    if (now >= this.#ends) this.#advance(now)
    return this.#cells[this.#totalAt(counter)] as number
  }

  span(now: number = this.#clock.now()): number {
    if (now >= this.#ends) this.#advance(now)
    const sinceStart = Math.max(0, now - this.#slot * this.bucket)
    return sinceStart + (this.#buckets - 1) * this.bucket
  }

  buckets(now: number = this.#clock.now()): readonly (readonly number[])[] {
    if (now >= this.#ends) this.#advance(now)
    const held: number[][] = []
    for (let back = this.#buckets - 1; back >= 0; back--) {
      const first = ((this.#head - back + this.#buckets) % this.#buckets) * this.#counters
      const counts = this.#cells.slice(first, first + this.#counters)
      if (counts.some((count) => count !== 0)) held.push([now - (this.#slot - back) * this.bucket, ...counts])
    }
    return held
  }

  clear(): void {
    this.#cells.fill(0)
  }

  #totalAt(counter: number): number {
    if (counter >>> 0 !== counter || counter >= this.#counters)
      throw new RangeError(`timeWindow: there is no counter ${counter}, only 0 to ${this.#counters - 1}`)
    return this.#buckets * this.#counters + counter
  }

  #advance(now: number): void {
    const slot = Math.floor(now / this.bucket)
    const steps = slot - this.#slot
    if (steps >= this.#buckets) this.#cells.fill(0)
    else for (let step = 0; step < steps; step++) this.#turn()
    this.#slot = slot
    this.#ends = (slot + 1) * this.bucket
  }

  /** Makes the oldest bucket the newest, and takes what it held off the totals. */
  #turn(): void {
    this.#head = this.#head + 1 === this.#buckets ? 0 : this.#head + 1
    const cells = this.#cells
    const first = this.#head * this.#counters
    const totals = this.#buckets * this.#counters
    for (let counter = 0; counter < this.#counters; counter++) {
      cells[totals + counter] = (cells[totals + counter] as number) - (cells[first + counter] as number)
      cells[first + counter] = 0
    }
  }
}
