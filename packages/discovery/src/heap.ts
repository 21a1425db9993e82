// A heap of numbered entries, their keys in flat arrays: an entry whose key has changed finds its new place in O(log n),
// and with 10,000 of them that is seven steps, each within one line of the cache.

/** The first slot. The four children of every slot then begin at a multiple of four: they share a cache line. */
const root = 3

const parentOf = (slot: number): number => (slot >> 2) + 2
const childrenOf = (slot: number): number => (slot - 2) << 2

/** Entries 0, 1, 2, ... in order of two keys: the second counts among equal firsts, and the number among equals. */
export class Heap {
  /** Both keys of what stands in each slot: those of four children are 64 bytes. */
  #keys = new Float64Array(0)
  /** By slot. */
  #entries = new Int32Array(0)
  /** By entry. */
  #slots = new Int32Array(0)
  #end = root

  /** The entry that comes first, -1 when there is none. */
  get top(): number {
    return this.#end > root ? (this.#entries[root] as number) : -1
  }

  /** Other entries, with these keys. O(n). */
  reset(firsts: readonly number[], seconds: readonly number[]): void {
    const count = firsts.length
    this.#end = root + count
    this.#keys = new Float64Array(2 * this.#end)
    this.#entries = new Int32Array(this.#end)
    this.#slots = new Int32Array(count)
    for (let entry = 0; entry < count; entry++)
      this.#put(root + entry, entry, firsts[entry] as number, seconds[entry] as number)
    for (let slot = this.#end - 1; slot >= root; slot--) this.#down(slot, this.#entries[slot] as number)
  }

  /** This entry has other keys now. */
  moved(entry: number, first: number, second: number): void {
    const slot = this.#slots[entry] as number
    this.#put(slot, entry, first, second)
    if (slot > root && this.#before(slot, parentOf(slot))) this.#up(slot, entry)
    else this.#down(slot, entry)
  }

  #put(slot: number, entry: number, first: number, second: number): void {
    this.#keys[2 * slot] = first
    this.#keys[2 * slot + 1] = second
    this.#entries[slot] = entry
    this.#slots[entry] = slot
  }

  #before(slot: number, other: number): boolean {
    const keys = this.#keys
    const first = keys[2 * slot] as number
    const otherFirst = keys[2 * other] as number
    if (first !== otherFirst) return first < otherFirst
    const second = keys[2 * slot + 1] as number
    const otherSecond = keys[2 * other + 1] as number
    return second !== otherSecond
      ? second < otherSecond
      : (this.#entries[slot] as number) < (this.#entries[other] as number)
  }

  /** What stands in one slot stands in another from now on. */
  #shift(from: number, to: number): void {
    this.#put(to, this.#entries[from] as number, this.#keys[2 * from] as number, this.#keys[2 * from + 1] as number)
  }

  #up(from: number, entry: number): void {
    const keys = this.#keys
    const first = keys[2 * from] as number
    const second = keys[2 * from + 1] as number
    let slot = from
    while (slot > root) {
      const parent = parentOf(slot)
      if (!this.#before(slot, parent)) break
      this.#shift(parent, slot)
      this.#put(parent, entry, first, second)
      slot = parent
    }
  }

  #down(from: number, entry: number): void {
    const keys = this.#keys
    const first = keys[2 * from] as number
    const second = keys[2 * from + 1] as number
    let slot = from
    for (;;) {
      const child = childrenOf(slot)
      if (child >= this.#end) break
      const last = Math.min(child + 4, this.#end)
      let least = child
      for (let other = child + 1; other < last; other++) if (this.#before(other, least)) least = other
      if (!this.#before(least, slot)) break
      this.#shift(least, slot)
      this.#put(least, entry, first, second)
      slot = least
    }
  }
}
