// What stands at a key, as a value: JSON by a codec, or a text where there is none.
import { decoder, type Issue } from '@tenon/contract'
import { type Fail, fail, type Ok, ok } from '@tenon/endpoint'
import type { KvCodec, KvEntry, KvInvalid } from './kv.ts'
import type { KvStored } from './kv-port.ts'

/** How values are read and written. */
export interface KvTexts<A> {
  decode(stored: KvStored): Ok<KvEntry<A>> | Fail<KvInvalid>
  /** Only what could be read again. */
  encode(value: A): Ok<string> | Fail<KvInvalid>
}

/** @throws TypeError for what is no codec. */
export function textsOf<A>(
  key: string,
  codec: KvCodec<A> | undefined,
  unknownKeys: 'refuse' | 'strip' = 'refuse',
): KvTexts<A> {
  const decode = codec === undefined ? undefined : decoder(codec, { unknownKeys })
  const unlike = (expected: string, actual: string): Fail<KvInvalid> =>
    fail(invalid(key, [{ path: '', expected, actual }], `expected ${expected}, got ${actual}`))

  function read(text: string): Ok<A> | Fail<KvInvalid> {
    if (decode === undefined) return ok(text as A)
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return unlike('JSON', text === '' ? 'empty text' : 'another text')
    }
    const answer = decode(json)
    if (answer._tag === 'Right') return answer
    const { issues, message } = answer.left
    return fail(invalid(key, issues, message))
  }

  return {
    decode({ text, index }) {
      const answer = read(text)
      return answer._tag === 'Right' ? ok({ value: answer.right, index }) : answer
    },
    encode(value) {
      if (codec === undefined) return typeof value === 'string' ? ok(value) : unlike('string', typeof value)
      const text = JSON.stringify(codec.encode(value)) ?? ''
      const again = read(text)
      return again._tag === 'Right' ? ok(text) : again
    },
  }
}

const invalid = (key: string, issues: readonly Issue[], what: string): KvInvalid => ({
  _tag: 'KvInvalid',
  code: 'failed_precondition',
  message: `the value of ${key} is not valid: ${what}`,
  key,
  issues,
})
