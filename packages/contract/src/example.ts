// The example that an annotation gives, as it is on the wire.
import type * as t from 'io-ts'
import { redact } from './redact.ts'

/** The example as plain JSON, or what is wrong with it. */
export type WireExample = { readonly value: unknown } | { readonly wrong: string }

/** An example of a codec's type as plain JSON. Codecs written by hand may throw. */
export function wireExample(codec: t.Mixed, example: unknown): WireExample {
  try {
    if (!codec.is(example)) return { wrong: 'is no value of it' }
    const shown = redact(codec, example)
    if (shown !== example && JSON.stringify(shown) !== JSON.stringify(example))
      return { wrong: 'shows a secret, so it is left out' }
    const text: string | undefined = JSON.stringify(codec.encode(example))
    return text === undefined ? { wrong: 'has no form as JSON' } : { value: JSON.parse(text) }
  } catch {
    return { wrong: 'cannot be encoded' }
  }
}
