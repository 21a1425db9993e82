// What stands at a key, as a value: JSON by a codec, or a text where there is none.
import { decoder, type Issue } from '@tenon/contract'
import { type Fail, type Failure, fail, type Ok, ok } from '@tenon/endpoint'
import type * as t from 'io-ts'

/** What stands there is not what the codec takes, or is no JSON. */
export interface KvInvalid extends Failure<'KvInvalid', 'failed_precondition'> {
  readonly key: string
  readonly issues: readonly Issue[]
}

/** A value, and when it was written. */
export interface KvEntry<out A> {
  readonly value: A
  /** As Consul counts: for `cas`. */
  readonly index: number
}

// biome-ignore lint/suspicious/noExplicitAny: what it encodes to does not matter here
export type Codec<A> = t.Type<A, any, unknown>

/** How values are read and written. */
export interface Texts<A> {
  decode(text: string, index: number): Ok<KvEntry<A>> | Fail<KvInvalid>
  /** Only what could be read again. */
  encode(value: A): Ok<string> | Fail<KvInvalid>
}

export function textsOf<A>(key: string, codec: Codec<A> | undefined, unknownKeys: 'refuse' | 'strip'): Texts<A> {
  const decoded = codec === undefined ? undefined : decoder(codec, { unknownKeys })
  const read = (text: string): Ok<A> | Fail<KvInvalid> => {
    if (decoded === undefined) return ok(text as A)
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      const issue: Issue = { path: '', expected: 'JSON', actual: text === '' ? 'empty text' : 'another text' }
      return fail(invalid(key, [issue], said(issue)))
    }
    const answer = decoded(json)
    return answer._tag === 'Right' ? ok(answer.right) : fail(invalid(key, answer.left.issues, answer.left.message))
  }
  return {
    decode(text, index) {
      const answer = read(text)
      return answer._tag === 'Right' ? ok({ value: answer.right, index }) : answer
    },
    encode(value) {
      if (codec === undefined) {
        if (typeof value === 'string') return ok(value)
        const issue: Issue = { path: '', expected: 'string', actual: typeof value }
        return fail(invalid(key, [issue], said(issue)))
      }
      const text = JSON.stringify(codec.encode(value)) ?? ''
      const again = read(text)
      return again._tag === 'Right' ? ok(text) : again
    },
  }
}

const said = ({ expected, actual }: Issue): string => `expected ${expected}, got ${actual}`

const invalid = (key: string, issues: readonly Issue[], what: string): KvInvalid => ({
  _tag: 'KvInvalid',
  code: 'failed_precondition',
  message: `the value of ${key} is not valid: ${what}`,
  key,
  issues,
})
