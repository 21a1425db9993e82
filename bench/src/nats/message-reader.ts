// Reads what nats-server sends, only as far as a load generator must: messages and pings.

const lineEnd = Buffer.from('\r\n')

export class MessageReader {
  readonly #take: (subject: string, body: Buffer) => void
  readonly #pinged: () => void
  #held: Buffer | undefined

  constructor(take: (subject: string, body: Buffer) => void, pinged: () => void) {
    this.#take = take
    this.#pinged = pinged
  }

  /** Throws for what no request of a load generator is answered with: an error, a message with headers. */
  read(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    let at = 0
    for (;;) {
      const end = bytes.indexOf(lineEnd, at)
      if (end < 0) break
      const line = bytes.toString('latin1', at, end)
      const from = end + lineEnd.length
      if (line.startsWith('MSG ')) {
        // MSG <subject> <sid> <bytes>
        const to = from + Number(line.slice(line.lastIndexOf(' ') + 1))
        if (bytes.length < to + lineEnd.length) break
        this.#take(line.slice(4, line.indexOf(' ', 4)), bytes.subarray(from, to))
        at = to + lineEnd.length
      } else {
        if (line === 'PING') this.#pinged()
        else if (!/^(?:INFO |\+OK|PONG)/.test(line)) throw new Error(`nats-server says ${line}`)
        at = from
      }
    }
    this.#held = at === bytes.length ? undefined : bytes.subarray(at)
  }
}
