// What is open at a proxy, so that its end can wait for it.
export class Crowd {
  readonly #inside = new Set<Disposable>()
  #empty: (() => void) | undefined

  enter(one: Disposable): void {
    this.#inside.add(one)
  }
  leave(one: Disposable): void {
    this.#inside.delete(one)
    if (this.#inside.size === 0) this.#empty?.()
  }
  /** Resolves when nobody is inside. */
  empty(): Promise<void> {
    return this.#inside.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#empty = resolve))
  }
  /** Ends what is inside. */
  clear(): void {
    for (const one of [...this.#inside]) one[Symbol.dispose]()
  }
}
