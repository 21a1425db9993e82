// Codecs and brands that many use and whose names say what is on the wire: those of io-ts and of io-ts-types.

/** What is on the wire, and what JSON Schema says of it beside the type. */
export interface KnownCodec {
  readonly kind: 'string' | 'number' | 'boolean'
  readonly schema: Readonly<Record<string, unknown>>
}

const text = (schema: KnownCodec['schema'] = {}): KnownCodec => ({ kind: 'string', schema })
const number = (schema: KnownCodec['schema'] = {}): KnownCodec => ({ kind: 'number', schema })

/** Source: io-ts 2.2 and io-ts-types 0.5, what each encodes to. */
export const knownCodecs: ReadonlyMap<string, KnownCodec> = new Map([
  ['Int', number({ type: 'integer' })],
  ['NonEmptyString', text({ minLength: 1 })],
  ['UUID', text({ format: 'uuid' })],
  ['Date', text({ format: 'date-time' })],
  ['DateFromISOString', text({ format: 'date-time' })],
  ['DateFromNumber', number({ description: 'milliseconds since 1970' })],
  ['DateFromUnixTime', number({ type: 'integer', description: 'seconds since 1970' })],
  ['NumberFromString', text({ description: 'a number as text' })],
  ['IntFromString', text({ description: 'a whole number as text', pattern: '^\\s*[+-]?\\d+' })],
  ['BigIntFromString', text({ description: 'a whole number of any size, as text' })],
  ['BooleanFromString', text({ enum: ['true', 'false'] })],
  ['BooleanFromNumber', number()],
])
