// How busy a server is. One for all methods of a server.
export class Gate {
  readonly #most: number
  /** Calls without an answer; streams count until they end. */
  inFlight = 0
  /** Calls that are worked on, those included whose answer nobody waits for any more. */
  #running = 0
  #idle: (() => void) | undefined

  constructor(most: number) {
    this.#most = most
  }
  arrive(): void {
    this.inFlight++
  }
  depart(): void {
    this.inFlight--
    if (this.inFlight === 0) this.#idle?.()
  }
  /** Takes a place among those that run; where none is free, answers the limit that is reached. `leave` gives it back. */
  enter(): number | undefined {
    if (this.#running >= this.#most) return this.#most
    this.#running++
    return undefined
  }
  leave(): void {
    this.#running--
  }
  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve
      if (this.inFlight === 0) resolve()
    })
  }
}
