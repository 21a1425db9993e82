// Reads messages as the specification says: protobuf.js takes texts that are cut off or no UTF-8, and changes them silently.
import { isUtf8 } from 'node:buffer'
import protobuf from 'protobufjs'

/** Throws for a text that is longer than its message, or no UTF-8. */
export class StrictReader extends protobuf.BufferReader {
  constructor(bytes: Uint8Array) {
    super(bytes as Buffer)
  }

  override string(): string {
    const bytes = this.bytes() as Buffer
    const text = bytes.toString('utf8')
    // The replacement character stands for what could not be read, or for itself.
    if (text.includes('\ufffd') && !isUtf8(bytes)) throw new RangeError('a text is no UTF-8')
    return text
  }
}
