// Reading JSON from a wire: strict UTF-8, a place for every mistake, and nothing that could set a prototype.
import { isUtf8 } from 'node:buffer'
import { badJsonAt } from './position.ts'

/** JSON.parse's value and the text it is of, or what is wrong with the bytes (without quoting them). */
export type Parsed =
  | { readonly value: unknown; readonly text: string; readonly wrong?: undefined }
  | { readonly wrong: string }

// Plainly, or with an escape for one of its letters. Only such a text is worth a second look.
const suspicious = /__proto__|\\u00(?:5[fF]|6[fF]|7[024])/

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new TypeError('__proto__')
  return value
}

/**
 * Of two equal keys the last one counts, as in JSON.parse. A key `__proto__` is refused: it is harmless as JSON.parse
 * makes it and a trap for whoever copies the value.
 */
export function parseJson(bytes: Buffer): Parsed {
  const parsed = parseAny(bytes)
  if (parsed.wrong !== undefined || !mayHoldProto(parsed.text)) return parsed
  try {
    JSON.parse(parsed.text, refuseProto)
    return parsed
  } catch (cause) {
    return {
      wrong: cause instanceof RangeError ? 'the body is nested too deeply' : 'a key of the body is "__proto__"',
    }
  }
}

/** The same with whatever keys there are, for those who look at the parts of the value one by one. */
export function parseAny(bytes: Buffer): Parsed {
  if (!isUtf8(bytes)) return { wrong: 'the body is not UTF-8' }
  const text = bytes.toString('utf8')
  try {
    return { value: JSON.parse(text) as unknown, text }
  } catch (cause) {
    if (cause instanceof RangeError) return { wrong: 'the body is nested too deeply' }
    const at = badJsonAt(text)
    return { wrong: at < text.length ? `the body is not JSON from position ${at}` : 'the JSON of the body breaks off' }
  }
}

/** Is it worth looking whether a key of this text is `__proto__`? */
export const mayHoldProto = (text: string): boolean => suspicious.test(text)

const plain = 'application/json'
const parameters = /^\s*(?:;\s*[^\s;=]+\s*=\s*(?:"[^"]*"|[^\s;"]*)\s*)*;?\s*$/
const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i

/** Is a body of this `content-type` one of these media types, in UTF-8? */
export function isMedia(contentType: string | undefined, allowed: readonly string[]): boolean {
  if (contentType === undefined) return false
  if (contentType === allowed[0]) return true
  const end = contentType.indexOf(';')
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  if (!allowed.includes(type)) return false
  if (end < 0) return true
  const rest = contentType.slice(end)
  if (!parameters.test(rest)) return false
  const named = charset.exec(rest)?.[1]?.toLowerCase()
  return named === undefined || named === 'utf-8' || named === 'utf8'
}

/** The media types of JSON that a request's body may have. */
export const jsonOnly: readonly string[] = [plain]

/** Is this the content type of JSON, `application/problem+json` and others of its kind included? */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false
  if (contentType.startsWith(plain)) return isMedia(contentType, jsonOnly)
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return (type === plain || type.endsWith('+json')) && isMedia(contentType, [type])
}
