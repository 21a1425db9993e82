// Reads an event stream from pieces of any size, after the rules of the HTML Living Standard, 9.2.6: lines end with LF,
// CR or CRLF, an empty line dispatches, what is not complete at the end is dropped. Works on bytes: a line is decoded when
// it is whole, so that no character is ever cut in two.
import { Chunks } from '../chunks.ts'

/** An event that was dispatched. */
export interface ReadEvent {
  /** `message` where the stream says none. */
  readonly type: string
  /** The lines of data, joined by LF. */
  readonly data: string
  /** The last id that the stream has told so far, `''` for none. */
  readonly id: string
}

const LF = 10
const CR = 13
const COLON = 58
const SPACE = 32

export class EventParser {
  /** Milliseconds to wait before connecting again, as the stream last asked for. */
  retry: number | undefined
  readonly #limit: number
  readonly #dispatch: (event: ReadEvent) => void
  #line = new Chunks()
  #type = ''
  #data: string | undefined
  #id = ''
  /** Bytes of the data so far. */
  #bytes = 0
  #first = true
  /** The last piece ended with CR: a LF that comes next belongs to it. */
  #afterCr = false

  /** `limit`: bytes that one event may have, and one line. */
  constructor(limit: number, dispatch: (event: ReadEvent) => void) {
    this.#limit = limit
    this.#dispatch = dispatch
  }

  /** Takes the next piece; `false` when an event is larger than allowed: then nothing more may be pushed. */
  push(piece: Buffer): boolean {
    let at = this.#afterCr && piece[0] === LF ? 1 : 0
    if (piece.length > 0) this.#afterCr = false
    let lf = piece.indexOf(LF, at)
    let cr = piece.indexOf(CR, at)
    while (lf >= 0 || cr >= 0) {
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr
      const line = piece.subarray(at, end)
      if (this.#bytes + this.#line.size + line.length > this.#limit) return false
      if (this.#line.size === 0) this.#take(line)
      else {
        this.#line.push(line)
        const whole = this.#line.whole()
        this.#line = new Chunks()
        this.#take(whole)
      }
      at = end + 1
      if (end === cr) {
        if (piece[at] === LF) at++
        else if (at === piece.length) this.#afterCr = true
        cr = piece.indexOf(CR, at)
      }
      if (lf >= 0 && lf < at) lf = piece.indexOf(LF, at)
    }
    if (at === piece.length) return true
    this.#line.push(at === 0 ? piece : piece.subarray(at))
    return this.#bytes + this.#line.size <= this.#limit
  }

  #take(line: Buffer): void {
    let from = 0
    if (this.#first) {
      this.#first = false
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) from = 3
    }
    if (line.length === from) {
      this.#end()
      return
    }
    const colon = line.indexOf(COLON, from)
    // A comment.
    if (colon === from) return
    const name = line.toString('utf8', from, colon < 0 ? line.length : colon)
    const start = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1
    this.#field(name, line, start)
  }

  #field(name: string, line: Buffer, start: number): void {
    switch (name) {
      case 'data': {
        const value = line.toString('utf8', start)
        this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
        // All of the line counts, its end too: a stream of empty lines of data must have an end, and soon.
        this.#bytes += line.length + 1
        break
      }
      case 'event':
        this.#type = line.toString('utf8', start)
        break
      case 'id': {
        const id = line.toString('utf8', start)
        if (!id.includes('\0')) this.#id = id
        break
      }
      case 'retry': {
        const digits = line.toString('latin1', start)
        if (/^\d+$/.test(digits)) this.retry = Number(digits)
        break
      }
    }
  }

  #end(): void {
    const data = this.#data
    const type = this.#type
    this.#data = undefined
    this.#type = ''
    this.#bytes = 0
    // The rules drop an event without data. One with a single empty line of data has some.
    if (data !== undefined) this.#dispatch({ type: type === '' ? 'message' : type, data, id: this.#id })
  }
}
