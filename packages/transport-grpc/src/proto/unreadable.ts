// Bytes that are no message of their type, and where: the walk is made only once a reader has given up.
import protobuf from 'protobufjs'
import { StrictReader } from './reader.ts'

/** Bytes that are no such message. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  /** The field at which they stop to be one, as the message calls it: `inner.text`; empty where it is none that it knows. */
  readonly path: string
  /** What is there in a message: `string`, `int64`, `shop.v1.Item`. */
  readonly expected: string
  constructor(path: string, expected: string) {
    super(path === '' ? 'the bytes are no such message' : `${path}: the bytes are no ${expected}`)
    this.path = path
    this.expected = expected
  }
}

/** Levels of messages that are looked into: no more than a reader takes. */
const deepest = 100

/** What is wrong with bytes that could not be read. */
export function unreadable(type: protobuf.Type, bytes: Uint8Array): Unreadable {
  const way: Way = []
  try {
    walk(type, new StrictReader(bytes), bytes.length, way)
    way.length = 0
  } catch {
    // The way to here is what was looked for.
  }
  const expected = way.at(-1)?.expected ?? type.fullName.slice(1)
  return new Unreadable(way.map(({ name }) => name).join('.'), expected)
}

type Way = { readonly name: string; readonly expected: string }[]

function walk(type: protobuf.Type, reader: protobuf.Reader, end: number, way: Way): void {
  if (way.length > deepest) throw new RangeError('nested too deeply')
  while (reader.pos < end) {
    const tag = reader.uint32()
    const field = type.fieldsById[tag >>> 3]
    if (field === undefined) {
      reader.skipType(tag & 7)
      continue
    }
    const { resolvedType, map } = field.resolve() as protobuf.Field & { readonly map: boolean }
    const isMessage = resolvedType instanceof protobuf.Type
    const expected = isMessage ? resolvedType.fullName.slice(1) : field.type
    way.push({ name: field.name, expected })
    if (map) entry(field as unknown as protobuf.MapField, reader, way)
    else if (isMessage) walk(resolvedType, reader, endOf(reader, tag), way)
    else if (field.repeated && field.type !== 'string' && field.type !== 'bytes' && (tag & 7) === 2)
      reader.pos = endOf(reader, tag)
    else scalar(resolvedType === null ? field.type : 'int32', reader)
    way.pop()
  }
  if (reader.pos > end) throw new RangeError('longer than its message')
}

function entry({ keyType, type, resolvedType }: protobuf.MapField, reader: protobuf.Reader, way: Way): void {
  const end = endOf(reader, 2)
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) scalar(keyType, reader)
    else if (tag >>> 3 !== 2) reader.skipType(tag & 7)
    else if (resolvedType instanceof protobuf.Type) walk(resolvedType, reader, endOf(reader, tag), way)
    else scalar(resolvedType === null ? type : 'int32', reader)
  }
}

function endOf(reader: protobuf.Reader, tag: number): number {
  if ((tag & 7) !== 2) throw new RangeError('of another wire type')
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new RangeError('longer than what holds it')
  return end
}

function scalar(type: string, reader: protobuf.Reader): void {
  const read = (reader as unknown as Readonly<Record<string, () => unknown>>)[type]
  read?.call(reader)
}
