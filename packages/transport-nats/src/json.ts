// JSON from a wire: strict UTF-8, no key that could set a prototype, no number that nobody can write again.
import { isUtf8 } from 'node:buffer'

/** JSON.parse's value, or what is wrong with the bytes, without quoting them. */
export type Parsed = { readonly value: unknown; readonly wrong?: undefined } | { readonly wrong: string }

const nothing: Parsed = { value: undefined }

/** The value of a body; of no bytes it is `undefined`. */
export function parseJson(bytes: Uint8Array): Parsed {
  if (bytes.length === 0) return nothing
  if (!isUtf8(bytes)) return { wrong: 'the body is not UTF-8' }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  let wrong: string | undefined
  try {
    const value: unknown = suspicious.test(text)
      ? JSON.parse(text, (key, part: unknown) => {
          if (key === '__proto__') wrong = 'a key of the body is "__proto__"'
          else if (part === Number.POSITIVE_INFINITY || part === Number.NEGATIVE_INFINITY)
            wrong = 'a number of the body is out of range'
          return part
        })
      : JSON.parse(text)
    return wrong === undefined ? { value } : { wrong }
  } catch (cause) {
    return { wrong: cause instanceof RangeError ? 'the body is nested too deeply' : 'the body is not JSON' }
  }
}

// `__proto__` plainly or with an escape for one of its letters, a long exponent, very many digits: worth a second look,
// which is slow.
const suspicious = /__proto__|\\u00(?:5[fF]|6[fF]|7[024])|[0-9][eE]\+?[0-9]{3}|[0-9]{200}/
