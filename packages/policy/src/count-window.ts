// A window over the last N outcomes, however long they took to come: a ring of bits, exact.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from './option.ts'

export interface CountWindowOptions {
  /** How many outcomes it remembers: 1..1,000,000. */
  readonly size: number
}

/** The last `size` outcomes, each a hit or not (what a hit is, say a failure, is the caller's word). */
export interface CountWindow {
  /** How many outcomes it remembers at most. */
  readonly size: number
  /** How many it holds: up to `size`. */
  readonly count: number
  /** How many of those are hits. */
  readonly hits: number
  /** Remembers an outcome and, once full, forgets the oldest. O(1), allocates nothing. */
  add(hit: boolean): void
  /** Forgets everything. */
  clear(): void
}

const named: OptionNames<CountWindowOptions> = { size: true }

/**
 * A window over the last `size` outcomes. It knows no time: on a quiet way its evidence may be hours old.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function countWindow(options: CountWindowOptions): CountWindow {
  knownOptions('countWindow', options, named)
  const { size } = options
  numberOption('countWindow', 'size', size, { min: 1, max: 1_000_000, whole: true })
  return new Ring(size)
}

// A class and a plain array of 32-bit words, since there may be one for each key of many: some 150 bytes at a size of
// 100. A Uint32Array alone would take 220, whatever it holds.
class Ring implements CountWindow {
  readonly size: number
  count = 0
  hits = 0
  readonly #bits: number[]
  /** The bit to be written next; when full, that of the oldest outcome. */
  #next = 0

  constructor(size: number) {
    this.size = size
    this.#bits = new Array<number>((size + 31) >>> 5).fill(0)
  }

  add(hit: boolean): void {
    const word = this.#next >>> 5
    const bit = 1 << (this.#next & 31)
    const held = this.#bits[word] as number
    if (this.count < this.size) this.count++
    else if ((held & bit) !== 0) this.hits--
    this.#bits[word] = hit ? held | bit : held & ~bit
    if (hit) this.hits++
    this.#next = this.#next + 1 === this.size ? 0 : this.#next + 1
  }

  clear(): void {
    // No bit is read before it is written again.
    this.count = 0
    this.hits = 0
  }
}
