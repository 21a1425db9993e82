// How busy a server is, and whether it takes calls at all. One for all methods of a server; a listener that stands among
// the routes of a server has its own limit within the server's.

export class Gate {
  readonly limit: number
  /** Requests without an answer. */
  inFlight = 0
  /** Requests being read or worked on, those included whose answer nobody waits for any more. */
  #running = 0
  #draining = false
  readonly #outer: Gate | undefined

  constructor(limit: number, outer?: Gate) {
    this.limit = limit
    this.#outer = outer
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
  /** Takes a place among those that run; where none is free, answers the limit that is reached. `leave` gives it back. */
  enter(): number | undefined {
    if (this.#running >= this.limit) return this.limit
    const full = this.#outer?.enter()
    if (full === undefined) this.#running++
    return full
  }
  leave(): void {
    this.#running--
    this.#outer?.leave()
  }
}
