// A binary heap whose entries know where they stand: one whose key has changed finds its new place in O(log n).

/** What can stand in a heap: one at a time. */
export interface Placed {
  /** The heap's own. */
  place: number
}

export class Heap<E extends Placed> {
  readonly #before: (a: E, b: E) => boolean
  #entries: E[] = []

  /** `before` says whether `a` comes out before `b`. */
  constructor(before: (a: E, b: E) => boolean) {
    this.#before = before
  }

  /** The first of all. */
  get top(): E | undefined {
    return this.#entries[0]
  }

  /** These entries instead of those before. O(n). The array is the heap's from now on. */
  reset(entries: E[]): void {
    this.#entries = entries
    for (let place = 0; place < entries.length; place++) (entries[place] as E).place = place
    for (let place = (entries.length >> 1) - 1; place >= 0; place--) this.#down(entries[place] as E)
  }

  /** The key of this entry, which stands in the heap, has changed. */
  moved(entry: E): void {
    const parent = this.#entries[(entry.place - 1) >> 1]
    if (entry.place > 0 && parent !== undefined && this.#before(entry, parent)) this.#up(entry)
    else this.#down(entry)
  }

  #up(entry: E): void {
    const entries = this.#entries
    let { place } = entry
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = entries[above] as E
      if (!this.#before(entry, parent)) break
      entries[place] = parent
      parent.place = place
      place = above
    }
    entries[place] = entry
    entry.place = place
  }

  #down(entry: E): void {
    const entries = this.#entries
    let { place } = entry
    for (;;) {
      let below = 2 * place + 1
      if (below >= entries.length) break
      const right = entries[below + 1]
      if (right !== undefined && this.#before(right, entries[below] as E)) below++
      const child = entries[below] as E
      if (!this.#before(child, entry)) break
      entries[place] = child
      child.place = place
      place = below
    }
    entries[place] = entry
    entry.place = place
  }
}
