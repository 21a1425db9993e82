// Reads the answers on one connection, only as far as a load generator must: where one ends, and its status.

const headEnd = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

export class AnswerReader {
  /** Bytes of the answer before, and of its head: the next one most likely has as many. */
  #whole = 0
  #head = 0
  #held: Buffer | undefined

  /** The status when an answer is whole; one at a time, as nothing is pipelined. */
  read(chunk: Buffer): number | undefined {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    if (bytes.length !== this.#whole || bytes.indexOf(headEnd) !== this.#head) {
      const end = bytes.indexOf(headEnd)
      const whole = end < 0 ? undefined : lengthOf(bytes, end)
      if (whole === undefined || bytes.length < whole) {
        this.#held = bytes
        return undefined
      }
      if (bytes.length > whole) throw new Error('more bytes than one answer has')
      this.#whole = whole
      this.#head = end
    }
    this.#held = undefined
    return statusOf(bytes)
  }
}

/** `HTTP/1.1 200`. */
function statusOf(bytes: Buffer): number {
  const digit = (at: number): number => (bytes[at] as number) - 48
  return digit(9) * 100 + digit(10) * 10 + digit(11)
}

/** Bytes of the whole answer, `undefined` while that cannot be known. */
function lengthOf(bytes: Buffer, end: number): number | undefined {
  const head = bytes.toString('latin1', 0, end)
  const from = end + headEnd.length
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length !== undefined) return from + Number(length)
  if (!/^transfer-encoding: *chunked/im.test(head)) throw new Error(`an answer without a length: ${head}`)
  return bytes.subarray(-lastChunk.length).equals(lastChunk) ? bytes.length : undefined
}
