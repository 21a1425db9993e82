// Bodies of another form than JSON for the methods of a contract, and which of them an answer has.
import type { Codecs, HttpBinding, InvalidArgument, PlacedMethod, Remote } from '@tenon/contract'
import type { Either } from 'fp-ts/lib/Either.js'
import { badAnswer, decodeJson, encodeJson, readJson } from './codec.ts'
import { isMedia, jsonOnly } from './json.ts'
import type { ClientResponse } from './message.ts'
import { one } from './problem.ts'
import type { Reply, ServerRequest } from './reply.ts'

/** What a codec encodes to as bytes, and back. A Left names the field that does not fit. */
export interface BodyCodec {
  readonly write: (encoded: unknown) => Either<InvalidArgument, Uint8Array>
  readonly read: (bytes: Uint8Array) => Either<InvalidArgument, unknown>
}

/** A form of bodies beside JSON: what `grpc.protobuf()` of `@tenon/transport-grpc` makes, or anything of this shape. */
export interface BodyFormat {
  /** The media type, lower-case and without parameters: `application/x-protobuf`. */
  readonly media: string
  /** Is called once for each contract; a method that is not in what it answers travels as JSON only. What it throws stops the server or client from being made. */
  readonly bind: (contract: {
    readonly name: string
    readonly methods: Readonly<Record<string, PlacedMethod>>
  }) => ReadonlyMap<string, { readonly input: BodyCodec; readonly output: BodyCodec }>
}

/** A format as it is for one method. */
export interface Form {
  readonly media: string
  readonly input: BodyCodec
  readonly output: BodyCodec
}

/** The forms of each method of a contract. */
export function formsOf(
  formats: readonly BodyFormat[],
  contract: Parameters<BodyFormat['bind']>[0],
): (method: string) => readonly Form[] {
  const bound = formats.map(({ media, bind }) => ({ media, methods: bind(contract) }))
  return (method) =>
    bound.flatMap(({ media, methods }) => {
      const made = methods.get(method)
      return made === undefined ? [] : [{ media, ...made }]
    })
}

/** Formats, checked: a TypeError says what is none. */
export function checkedFormats(who: string, formats: readonly BodyFormat[] = []): readonly BodyFormat[] {
  if (!Array.isArray(formats)) throw new TypeError(`${who} is a list of formats such as grpc.protobuf()`)
  const seen = new Set<string>(jsonOnly)
  for (const format of formats as readonly BodyFormat[]) {
    checkedFormat(who, format)
    if (seen.has(format.media)) throw new TypeError(`${who}: ${format.media} is there twice`)
    seen.add(format.media)
  }
  return formats
}

/** A format, checked. */
export function checkedFormat(who: string, format: BodyFormat): BodyFormat {
  if (typeof format?.bind !== 'function' || typeof format.media !== 'string')
    throw new TypeError(`${who}: a format has a media type and binds contracts, such as grpc.protobuf()`)
  if (!/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(format.media))
    throw new TypeError(`${who}: ${JSON.stringify(format.media)} is no media type, lower-case and without parameters`)
  return format
}

const formOf = (forms: readonly Form[], { headers }: ServerRequest): Form | undefined =>
  forms.find(({ media }) => isMedia(headers['content-type'], [media]))

/** The media types that a body may have: one that is the whole input may be of another than JSON. */
export const mediaOf = (binding: HttpBinding, forms: readonly Form[]): readonly string[] =>
  binding.body === '*' && forms.length > 0 ? [...jsonOnly, ...forms.map(({ media }) => media)] : jsonOnly

/** Reads a body in the form that its content type says. No bytes are a message, too: one whose fields all have their defaults. */
export function readBody(
  binding: HttpBinding,
  forms: readonly Form[],
  request: ServerRequest,
): Either<InvalidArgument, unknown> {
  const form = binding.body === '*' ? formOf(forms, request) : undefined
  if (form === undefined) return decodeJson(request)
  const read = form.input.read(request.body)
  return read._tag === 'Left'
    ? { _tag: 'Left', left: { ...binding.locate(read.left), message: read.left.message } }
    : read
}

/** Reads an answer in the form that it has. */
export function readForm(form: Form, response: ClientResponse): Either<Remote, unknown> {
  if (!isMedia(one(response.headers['content-type']), [form.media])) return readJson(response)
  const read = form.output.read(response.body)
  return read._tag === 'Left' ? badAnswer(`the answer cannot be read: ${read.left.message}`) : read
}

/** Writes an output in the form that the caller likes best; where it likes all, in the form of its own body, else as JSON. */
export function writeBody(
  { encodeOutput }: Codecs,
  forms: readonly Form[],
): (output: unknown, reply: Reply, request: ServerRequest) => void {
  const media = [...jsonOnly, ...forms.map((form) => form.media)]
  return (output, reply, request) => {
    const own = formOf(forms, request)?.media ?? (jsonOnly[0] as string)
    const chosen = preferred(request.headers.accept, media, own)
    const form = forms.find((each) => each.media === chosen)
    const { headers } = reply
    headers.vary = headers.vary === undefined ? 'accept' : [headers.vary, 'accept'].flat()
    if (form === undefined) {
      encodeJson(encodeOutput(output), reply)
      return
    }
    const written = form.output.write(encodeOutput(output))
    if (written._tag === 'Left') throw new TypeError(`the answer does not fit: ${written.left.message}`)
    headers['content-type'] = form.media
    reply.body = written.right
  }
}

/** Characters of an `accept` that is looked at: nobody means a longer one. */
const longest = 1_000

/** The best of the media types by what `accept` says; `own` where it says nothing of them, and of several that are as good. */
export function preferred(accept: string | undefined, offered: readonly string[], own: string): string {
  if (accept === undefined || accept === '*/*' || accept.length > longest) return own
  const ranges = accept.split(',').map(rangeOf)
  let best = own
  let most = weightOf(ranges, own)
  for (const media of offered) {
    const weight = weightOf(ranges, media)
    if (weight > most) {
      best = media
      most = weight
    }
  }
  return best
}

interface Range {
  readonly range: string
  readonly weight: number
}

function rangeOf(part: string): Range {
  const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const number = weight === undefined ? 1 : Number(weight.slice(2))
  return { range, weight: number >= 0 && number <= 1 ? number : 0 }
}

/** The most specific range counts (RFC 9110, 12.5.1). */
function weightOf(ranges: readonly Range[], media: string): number {
  for (const wanted of [media, `${media.slice(0, media.indexOf('/'))}/*`, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found !== undefined) return found.weight
  }
  return 0
}
