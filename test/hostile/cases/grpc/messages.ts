// One message: its frame, what is in it, how it is packed.
import { deflateSync, gzipSync } from 'node:zlib'
import type { Family, Scale } from '../../harness/attack.ts'
import { message, shot } from '../../harness/calls.ts'
import { field, framed, number, paths, text, varint } from '../../harness/grpc.ts'

const mega = 1_048_576
const hello = text('hello')
/** Nearly all that a message may have; less in a test. */
const most = (scale: Scale): number => (scale === 'quick' ? 262_144 : 4 * mega - 64)
const repeated = (piece: Uint8Array, bytes: number): Buffer => {
  const whole = Buffer.alloc(Math.floor(bytes / piece.length) * piece.length)
  return whole.fill(piece)
}
const gzip = { 'grpc-encoding': 'gzip' }
const large = { full: 20, peak: 500 }

const frames = [
  shot('cut off', framed(Buffer.from('abc'), 0, 100), {
    sends: 'a frame of 100 bytes of which 3 come',
    end: 'UNIMPLEMENTED',
    tells: 'malformed-message',
    bound: 'grpc-js: no one message',
  }),
  shot('no frame', Buffer.alloc(0), {
    sends: 'no frame',
    end: 'UNIMPLEMENTED',
    tells: 'malformed-message',
    bound: 'grpc-js: no one message',
  }),
  shot('half a frame', Buffer.from([0, 0]), {
    sends: 'two bytes of a frame’s five',
    end: 'UNIMPLEMENTED',
    tells: 'malformed-message',
    bound: 'grpc-js: no one message',
  }),
  shot('two messages', Buffer.concat([framed(hello), framed(hello)]), {
    sends: 'two messages where one goes',
    end: 'UNIMPLEMENTED',
    tells: 'malformed-message',
    bound: 'grpc-js: no one message',
  }),
  shot('empty messages', (scale) => repeated(framed(Buffer.alloc(0)), scale === 'quick' ? 100_000 : mega), {
    sends: '200,000 messages without a byte where one goes',
    end: ['UNIMPLEMENTED', 'reset NO_ERROR', 'reset STREAM_CLOSED'],
    tells: 'malformed-message',
    bound: 'the second ends the call',
    full: 20,
  }),
  shot('says 4 GB', framed(Buffer.from('abc'), 0, 0xffffffff), {
    sends: 'a frame that says it has 4 GB',
    end: 'RESOURCE_EXHAUSTED',
    tells: 'message-too-large',
    bound: '`message`, before it is sent',
  }),
  shot('5 MB', () => framed(Buffer.alloc(5_000_000)), {
    sends: '5 MB',
    end: 'RESOURCE_EXHAUSTED',
    tells: 'message-too-large',
    bound: '`message`',
    full: 50,
    peak: 300,
  }),
]

const packed = [
  shot('unknown compression', framed(hello, 1), {
    sends: 'an unknown compression',
    headers: { 'grpc-encoding': 'brotli' },
    end: 'UNIMPLEMENTED',
    tells: 'malformed-message',
    bound: 'gzip and deflate',
  }),
  shot('not gzip', framed(hello, 1), {
    sends: 'gzip that is none',
    headers: gzip,
    end: 'INTERNAL',
    tells: 'malformed-message',
    bound: 'zlib',
  }),
  shot('gzip cut off', framed(gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 60), 1), {
    sends: 'gzip that breaks off',
    headers: gzip,
    end: 'INTERNAL',
    tells: 'malformed-message',
    bound: 'zlib',
  }),
  shot('bomb', () => framed(gzipSync(Buffer.alloc(40_000_000)), 1), {
    sends: '40 MB in 40 KB of gzip',
    headers: gzip,
    end: 'RESOURCE_EXHAUSTED',
    tells: 'message-too-large',
    bound: '`message`, while it is unpacked',
    full: 100,
    peak: 400,
  }),
  shot('large bomb', (scale) => framed(gzipSync(Buffer.alloc(scale === 'quick' ? 100_000_000 : 1_000_000_000)), 1), {
    sends: '1 GB in 1 MB of gzip',
    headers: gzip,
    end: 'RESOURCE_EXHAUSTED',
    tells: 'message-too-large',
    bound: '`message`, while it is unpacked',
    full: 20,
    peak: 400,
  }),
  shot('bomb of deflate', () => framed(deflateSync(Buffer.alloc(40_000_000)), 1), {
    sends: '40 MB in 40 KB of deflate',
    headers: { 'grpc-encoding': 'deflate' },
    end: 'RESOURCE_EXHAUSTED',
    tells: 'message-too-large',
    bound: '`message`, while it is unpacked',
    full: 100,
    peak: 400,
  }),
  shot('just small enough', (scale) => framed(gzipSync(text('x'.repeat(most(scale) - 100))), 1), {
    sends: '4 MiB of text in 4 KB of gzip, which is allowed',
    headers: gzip,
    end: 'OK',
    bound: '`message`, and what a client sends of it costs 1,000 times less',
    full: 50,
    peak: 700,
  }),
]

const contents = [
  message('no message', Buffer.from([255, 255, 255]), {
    sends: 'bytes that are no message',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader',
  }),
  message('all bytes', Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 167) % 256)), {
    sends: '4 KiB of all bytes there are',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader',
  }),
  message('long varint', Buffer.alloc(20, 255), {
    sends: 'a number of 20 bytes where a field begins',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader',
  }),
  message('no UTF-8', field(1, Buffer.from([0xc3, 0x28])), {
    sends: 'a text that is no UTF-8',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'strict UTF-8',
  }),
  message('text cut off', Buffer.from([10, 9, 97]), {
    sends: 'a text that says it is longer than its message',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader',
  }),
  message('wrong wire type', Buffer.from([8, 1]), {
    sends: 'a number where a text goes',
    end: ['INVALID_ARGUMENT', 'OK'],
    bound: 'the reader',
  }),
  message('groups', (scale) => repeated(Buffer.from([0x13]), scale === 'quick' ? 100_000 : mega), {
    sends: 'a million groups that open and never end',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader’s depth',
    ...large,
  }),
  message('unknown field', Buffer.concat([hello, Buffer.from([0xfa, 1, 1, 98])]), {
    sends: 'a field that nobody knows',
    end: 'OK',
    bound: 'left out, as protobuf says',
  }),
  message('unknown fields', (scale) => Buffer.concat([hello, repeated(Buffer.from([0xf8, 1, 1]), most(scale) - 100)]), {
    sends: '4 MiB of fields that nobody knows',
    end: 'OK',
    bound: '`message`; nothing is kept of them',
    ...large,
  }),
  message('one field often', (scale) => repeated(hello, most(scale)), {
    sends: '4 MiB of one text, again and again',
    end: 'OK',
    bound: '`message`; the last counts',
    ...large,
  }),
  message('not whole', Buffer.concat([Buffer.from([8]), Buffer.alloc(9, 255), Buffer.from([127])]), {
    path: paths.whole,
    sends: 'a whole number beyond 64 bits',
    end: ['INVALID_ARGUMENT', 'OK'],
    bound: 'the reader',
  }),
  message('2^60', number(2 ** 60), {
    path: paths.whole,
    sends: '2^60 where a number must hold it',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'no number is rounded',
  }),
  message(
    'packed numbers',
    (scale) => {
      const all = Buffer.alloc(most(scale) - 100 - ((most(scale) - 100) % 8))
      return Buffer.concat([Buffer.from([10]), varint(all.length), all])
    },
    { path: paths.numbers, sends: '524,000 numbers', end: 'OK', bound: '`message`', ...large },
  ),
  message('map', (scale) => mapOf(most(scale)), {
    path: paths.names,
    sends: '300,000 entries of a map',
    end: 'OK',
    bound: '`message`',
    full: 10,
    peak: 700,
  }),
  message('__proto__', field(1, Buffer.concat([field(1, '__proto__'), Buffer.from([17]), Buffer.alloc(8)])), {
    path: paths.names,
    sends: '`__proto__` as a key of a map',
    end: ['INVALID_ARGUMENT', 'OK'],
    bound: 'own keys only',
  }),
  message('NaN', field(1, Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])), {
    path: paths.numbers,
    sends: 'NaN among numbers',
    end: ['INVALID_ARGUMENT', 'OK'],
    bound: 'a double to protobuf',
  }),
  message('deep tree', (scale) => nested(scale === 'quick' ? 20_000 : 300_000), {
    path: paths.tree,
    sends: 'a tree of 300,000 levels',
    end: 'INVALID_ARGUMENT',
    tells: 'onError',
    bound: 'the reader’s depth',
    ...large,
  }),
  message('deep value', () => listsIn(5_000), {
    path: paths.anything,
    sends: '5,000 lists in one another in a google.protobuf.Value',
    end: 'INVALID_ARGUMENT',
    bound: '64 levels',
    full: 100,
  }),
]

/** Entries of a map from texts to doubles, each key another. */
function mapOf(bytes: number): Buffer {
  const entries: Buffer[] = []
  for (let i = 0, left = bytes; left > 40; i++) {
    const entry = field(1, Buffer.concat([field(1, i.toString(36)), Buffer.from([17]), Buffer.alloc(8)]))
    entries.push(entry)
    left -= entry.length
  }
  return Buffer.concat(entries)
}

/** A tree in one line of descent: field `kids` (2) in field `kids`, from the inside out. */
function nested(levels: number): Buffer {
  const heads: Buffer[] = []
  let length = 0
  for (let i = 0; i < levels; i++) {
    const head = Buffer.concat([Buffer.from([18]), varint(length)])
    heads.push(head)
    length += head.length
  }
  return Buffer.concat([Buffer.from([10]), varint(length), ...heads.reverse()])
}

/** Lists in one another: Value.list_value (6) holds ListValue.values (1). */
function listsIn(levels: number): Buffer {
  const heads: Buffer[] = []
  let length = 0
  for (let i = 0; i < levels; i++)
    for (const tag of [10, 50]) {
      const head = Buffer.concat([Buffer.from([tag]), varint(length)])
      heads.push(head)
      length += head.length
    }
  return Buffer.concat([Buffer.from([10]), varint(length), ...heads.reverse()])
}

export const messages: Family = {
  title: 'gRPC: messages',
  against: 'grpc',
  about:
    'A message has a frame that says how long it is. What is too long is refused before it is there, what is no message before any handler hears of it.',
  attacks: [...frames, ...packed, ...contents],
}
