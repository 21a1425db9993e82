// Reads messages as the specification says: protobuf.js takes texts that are cut off or no UTF-8, and changes them silently.
import { isUtf8 } from 'node:buffer'
import protobuf from 'protobufjs'

/** What every Buffer of Node has, and protobuf.js reads by, though no declaration says so. */
interface Sliced extends Uint8Array {
  utf8Slice(from: number, to: number): string
}

/** Throws for a text that is longer than its message, or no UTF-8. */
export class StrictReader extends protobuf.BufferReader {
  constructor(bytes: Uint8Array) {
    super(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  override string(): string {
    const length = this.uint32()
    const from = this.pos
    const to = from + length
    if (to > this.len) throw new RangeError('a text is longer than its message')
    this.pos = to
    // No view of its own, and none of what `toString` looks at first: either costs more than a short text.
    const text = (this.buf as Sliced).utf8Slice(from, to)
    // The replacement character stands for what could not be read, or for itself.
    if (text.includes('\ufffd') && !isUtf8(this.buf.subarray(from, to))) throw new RangeError('a text is no UTF-8')
    return text
  }
}
