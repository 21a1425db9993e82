// Reading JSON from a wire: strict UTF-8, a place for every mistake, and nothing that could set a prototype.
import { isUtf8 } from 'node:buffer'
import { isDeeper } from './depth.ts'
import { forbidden, isSuspicious } from './forbidden.ts'
import { badJsonAt } from './position.ts'

/** JSON.parse's value and the text it is of, or what is wrong with the bytes (without quoting them). */
export type Parsed =
  | { readonly value: unknown; readonly text: string; readonly wrong?: undefined }
  | { readonly wrong: string }

/** Levels that JSON may have: far more than a codec takes. JSON.parse has no limit, and needs a second for four million. */
const deepest = 10_000

/** Of two equal keys the last one counts, as in JSON.parse. */
export const parseJson = (bytes: Buffer): Parsed => sound(parseAny(bytes, deepest), 'the body')

/** The same of a text; `what` it is, for what is wrong with it. */
export const parseText = (text: string, what: string): Parsed => sound(parse(text, what, deepest), what)

function sound(parsed: Parsed, what: string): Parsed {
  if (parsed.wrong !== undefined || !isSuspicious(parsed.text)) return parsed
  const wrong = forbidden(parsed.value, ` of ${what}`)
  return wrong === undefined ? parsed : { wrong }
}

/** The same with whatever is in it and as deep as it may be, for those who look at the parts of the value one by one. */
export function parseAny(bytes: Buffer, levels: number = Number.POSITIVE_INFINITY): Parsed {
  return isUtf8(bytes) ? parse(bytes.toString('utf8'), 'the body', levels) : { wrong: 'the body is not UTF-8' }
}

function parse(text: string, what: string, levels: number): Parsed {
  if (text.length > levels && isDeeper(text, levels)) return { wrong: `${what} is nested too deeply` }
  try {
    return { value: JSON.parse(text) as unknown, text }
  } catch {
    const at = badJsonAt(text)
    return { wrong: at < text.length ? `${what} is not JSON from position ${at}` : `the JSON of ${what} breaks off` }
  }
}

const plain = 'application/json'
// After a text whose end is trimmed: of a run of blanks there is one reading only, however long it is.
const parameters = /^(?:;\s*[^\s;=]+\s*=\s*(?:"[^"]*"|[^\s;"]+|(?=;|$))\s*)*;?$/
const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i

/** Is a body of this `content-type` one of these media types, in UTF-8? */
export function isMedia(contentType: string | undefined, allowed: readonly string[]): boolean {
  if (contentType === undefined) return false
  if (contentType === allowed[0]) return true
  const end = contentType.indexOf(';')
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  if (!allowed.includes(type)) return false
  if (end < 0) return true
  const rest = contentType.slice(end).trimEnd()
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
