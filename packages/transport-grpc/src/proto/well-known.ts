// Google's well-known types as JSON has them: times and durations as text, structs as plain values, wrappers as what they wrap.
import { type Convert, Lossy } from './convert.ts'

interface Seconds {
  readonly seconds?: number | { toNumber(): number } | null
  readonly nanos?: number | null
}

const secondsOf = ({ seconds }: Seconds): number => (typeof seconds === 'number' ? seconds : (seconds?.toNumber() ?? 0))

/** ISO text, as `Date.toISOString` writes it, with nine digits where milliseconds do not suffice. */
export const timestamp: Convert = {
  out(value: string) {
    const match = /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/.exec(value)
    const ms = match === null ? Date.parse(value) : Date.parse(`${match[1]}${match[3]}`)
    if (Number.isNaN(ms)) throw new Lossy('a time as ISO 8601 has it', 'another text')
    const whole = Math.floor(ms / 1_000)
    const nanos = match === null ? (ms - whole * 1_000) * 1e6 : Number((match[2] ?? '').padEnd(9, '0'))
    return { seconds: whole, nanos }
  },
  back(value: Seconds) {
    const nanos = value.nanos ?? 0
    const date = new Date(secondsOf(value) * 1_000 + Math.floor(nanos / 1e6))
    if (Number.isNaN(date.getTime())) throw new Lossy('a time that a date can hold', 'another one')
    const text = date.toISOString()
    return nanos % 1e6 === 0 ? text : `${text.slice(0, -4)}${String(nanos).padStart(9, '0')}Z`
  },
}

/** Seconds as text with an `s` behind, as protobuf's JSON has them: `1.5s`. */
export const duration: Convert = {
  out(value: string) {
    const [, sign, whole, part = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(value) ?? []
    if (whole === undefined) throw new Lossy('a duration such as 1.5s', 'another text')
    const factor = sign === '-' ? -1 : 1
    return { seconds: factor * Number(whole), nanos: factor * Number(part.padEnd(9, '0')) }
  },
  back(value: Seconds) {
    const [seconds, nanos] = [secondsOf(value), value.nanos ?? 0]
    const part =
      nanos === 0
        ? ''
        : `.${String(Math.abs(nanos))
            .padStart(9, '0')
            .replace(/(?:000){1,2}$/, '')}`
    return `${seconds < 0 || nanos < 0 ? '-' : ''}${Math.abs(seconds)}${part}s`
  },
}

interface Value {
  readonly nullValue?: number | null
  readonly numberValue?: number | null
  readonly stringValue?: string | null
  readonly boolValue?: boolean | null
  readonly structValue?: { readonly fields?: Readonly<Record<string, Value>> | null } | null
  readonly listValue?: { readonly values?: readonly Value[] | null } | null
}

function toValue(value: unknown): Value {
  if (value === null || value === undefined) return { nullValue: 0 }
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw new Lossy('a finite number', 'another number')
      return { numberValue: value }
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'object':
      return Array.isArray(value) ? { listValue: { values: value.map(toValue) } } : { structValue: toStruct(value) }
    default:
      throw new Lossy('what JSON can say', `a ${typeof value}`)
  }
}

function toStruct(value: object): { readonly fields: Readonly<Record<string, Value>> } {
  const present = Object.entries(value).filter(([, each]) => each !== undefined)
  return { fields: Object.fromEntries(present.map(([key, each]) => [key, toValue(each)])) }
}

function fromValue(value: Value): unknown {
  if (Object.hasOwn(value, 'numberValue')) return value.numberValue
  if (Object.hasOwn(value, 'stringValue')) return value.stringValue
  if (Object.hasOwn(value, 'boolValue')) return value.boolValue
  if (Object.hasOwn(value, 'structValue')) return fromStruct(value.structValue ?? {})
  if (Object.hasOwn(value, 'listValue')) return (value.listValue?.values ?? []).map(fromValue)
  return null
}

const fromStruct = ({ fields }: { readonly fields?: Readonly<Record<string, Value>> | null }): object => {
  const entries = Object.entries(fields ?? {})
  // As an own key, whatever it is called.
  return Object.fromEntries(entries.map(([key, each]) => [key, fromValue(each)]))
}

/** `google.protobuf.Value`: anything that JSON has. */
export const anything: Convert = { out: toValue, back: fromValue as Convert['back'] }

/** `google.protobuf.Struct`: an object of anything. */
export const struct: Convert = { out: toStruct, back: fromStruct as Convert['back'] }

/** The scalar type inside each wrapper. */
export const wrappers: Readonly<Record<string, string>> = {
  '.google.protobuf.DoubleValue': 'double',
  '.google.protobuf.FloatValue': 'float',
  '.google.protobuf.Int64Value': 'int64',
  '.google.protobuf.UInt64Value': 'uint64',
  '.google.protobuf.Int32Value': 'int32',
  '.google.protobuf.UInt32Value': 'uint32',
  '.google.protobuf.BoolValue': 'bool',
  '.google.protobuf.StringValue': 'string',
  '.google.protobuf.BytesValue': 'bytes',
}

/** A wrapper: what it wraps, which may be absent. */
export const wrapped = (inside: Convert): Convert => ({
  out: (value) => ({ value: inside.out(value) }),
  back: (value: { readonly value?: unknown }) =>
    Object.hasOwn(value, 'value') ? inside.back(value.value as never) : inside.zero?.(),
})
