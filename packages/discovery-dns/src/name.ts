// Domain names on the wire: labels with their lengths, and pointers to what stood before (RFC 1035, 3.1 and 4.1.4).

/** What a name may be: labels of 1 to 63 bytes, 253 characters in all. Underscores stand in the names of services. */
const labels = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}$/

/**
 * A name in one spelling: lower case, without the dot of the root at its end.
 *
 * @throws TypeError when it is no name.
 */
export function normalName(name: unknown): string {
  const text = typeof name === 'string' ? name.toLowerCase().replace(/\.$/, '') : ''
  if (text.length <= 253 && labels.test(text)) return text
  throw new TypeError(
    `dns: a name is made of labels, as in _http._tcp.orders.example, and is not ${JSON.stringify(name)}`,
  )
}

/** The name as it is asked for. */
export function encodedName(name: string): Buffer {
  const parts = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'))
  return Buffer.concat([...parts, Buffer.from([0])])
}

/** Where a name was read, and where what follows it begins. */
export interface ReadName {
  /** In lower case; the root is the empty text. */
  readonly name: string
  readonly end: number
}

const lengthOf = { plain: 0x00, pointer: 0xc0 }

/** Reads a name. A pointer must lead back, so that none can go in circles. */
export function readName(bytes: Buffer, start: number): ReadName {
  const read: string[] = []
  let at = start
  let end = -1
  let before = start
  let size = 0
  for (;;) {
    const length = bytes.readUInt8(at)
    const kind = length & 0xc0
    if (kind === lengthOf.pointer) {
      const to = bytes.readUInt16BE(at) & 0x3fff
      if (to >= before) throw new RangeError('a name points ahead')
      if (end < 0) end = at + 2
      at = to
      before = to
    } else if (kind !== lengthOf.plain) throw new RangeError('a label is of an unknown kind')
    else if (length === 0) return { name: read.join('.'), end: end < 0 ? at + 1 : end }
    else {
      size += length + 1
      if (size > 254) throw new RangeError('a name is too long')
      if (at + 1 + length > bytes.length) throw new RangeError('a label ends after the message')
      read.push(printable(bytes, at + 1, length))
      at += length + 1
    }
  }
}

/** A label's bytes; what would read as something else is written as `\DDD` (RFC 4343, 2.1). */
const printable = (bytes: Buffer, at: number, length: number): string =>
  bytes
    .toString('latin1', at, at + length)
    .toLowerCase()
    .replace(/[^!-~]|[.\\]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)
