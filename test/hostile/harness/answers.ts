// Counts the answers in a stream of bytes, whatever pieces they come in.

const head = /^HTTP\/1\.1 (\d{3})/
const length = /^content-length: (\d+)/im

export class Answers {
  /** The statuses of all answers that have begun, interim ones too. */
  readonly statuses: number[] = []
  /** Answers that are whole, interim ones not counted. */
  whole = 0
  #text = ''
  /** Bytes that belong to a body; `Infinity` where only the end of the connection ends it. */
  #body = 0

  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#body > 0) {
        const taken = Math.min(this.#body, rest.length)
        this.#body -= taken
        rest = rest.subarray(taken)
        if (this.#body === 0) this.whole++
        continue
      }
      // A head is short; what is longer is none.
      const from = this.#text.length
      this.#text += rest.toString('latin1')
      const end = this.#text.indexOf('\r\n\r\n')
      if (end < 0) return
      const text = this.#text.slice(0, end + 4)
      this.#text = ''
      rest = rest.subarray(end + 4 - from)
      const status = Number(head.exec(text)?.[1] ?? 0)
      this.statuses.push(status)
      if (status < 200) continue
      const bytes = length.exec(text)?.[1]
      this.#body = bytes === undefined && status !== 204 ? Number.POSITIVE_INFINITY : Number(bytes ?? 0)
      if (this.#body === 0) this.whole++
    }
  }
}
