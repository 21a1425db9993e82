// A contract with a secret in every place and of every structure, and others that know nothing of secrets.
import { contract, secret, serverStream, unary } from '@tenon/contract'
import * as t from 'io-ts'

/** Stands in every secret, and nowhere else. */
export const mark = 'hunter2'

const Pin = secret(t.refinement(t.string, (text) => text.startsWith('pin-'), 'Pin'))
const Token = t.strict({ token: secret(t.string) })

/** What handlers are to do stands in `does`. In HTTP `token` is in the path, `code` in the query, `key` in a header. */
const placed = { route: 'POST /v1/safes/{token}', query: ['code'], headers: { key: 'x-key' } } as const
const watched = 'GET /v1/watch'

export const Safes = contract('test.secrets.v1.Safes', {
  open: unary({
    input: t.strict({ does: t.string, token: Pin, key: Pin, code: Pin, pin: Pin }),
    output: Token,
    idempotent: true,
    http: placed,
  }),
  watch: serverStream({ input: t.strict({ does: t.string, pin: Pin }), output: Token, http: watched }),
  seal: unary({
    input: t.strict({
      notes: secret(t.record(t.string, t.number)),
      byPin: t.record(Pin, t.number),
      box: secret(t.strict({ n: t.number, list: t.array(t.strict({ n: t.number })) })),
      word: secret(t.literal(`${mark}-word`)),
      pins: t.array(t.strict({ pin: Pin })),
      either: t.union([t.strict({ by: t.literal('pin'), pin: Pin }), t.strict({ by: t.literal('none') })]),
    }),
    output: t.strict({}),
  }),
})

const text = t.string
const lax = t.strict({ token: text })

/** The same as an old version has it, which neither checks nor knows of secrets. */
export const Lax = contract('test.secrets.v1.Safes', {
  open: unary({
    input: t.strict({ does: text, token: text, key: text, code: text, pin: text }),
    output: lax,
    idempotent: true,
    http: placed,
  }),
  watch: serverStream({ input: t.strict({ does: text, pin: text }), output: lax, http: watched }),
})

/** Sends and answers anything, where a wire has no types of its own. */
export const Wild = contract('test.secrets.v1.Safes', {
  open: unary({ input: t.unknown, output: t.unknown, idempotent: true, http: 'POST /v1/safes/pin-0' }),
  seal: unary({ input: t.unknown, output: t.unknown }),
})

/** Values that `seal` refuses, one secret at a time. */
export function wrongs(): readonly object[] {
  const right = {
    notes: { a: 1 },
    byPin: { [`pin-${mark}`]: 1 },
    box: { n: 1, list: [{ n: 1 }] },
    word: `${mark}-word`,
    pins: [{ pin: `pin-${mark}` }],
    either: { by: 'pin', pin: `pin-${mark}` },
  }
  const deep = JSON.parse(`${`{"${mark}":`.repeat(70)}1${'}'.repeat(70)}`) as unknown
  // Keys are secrets only where they are those of a secret.
  const keyed = ['notes', 'byPin', 'box', 'word']
  const each = Object.keys(right).flatMap((key) => {
    const under = keyed.includes(key) ? [{ [mark]: mark }, { [`pin-${mark}`]: mark }, { [mark]: deep }, deep] : []
    return [mark, [mark], { pin: mark }, { by: mark }, { by: 'pin', pin: mark }, null, 7, true, ...under].map(
      (wrong) => ({
        ...right,
        [key]: wrong,
      }),
    )
  })
  return [
    ...each,
    { ...right, box: { n: 1, list: [{ n: 1, [mark]: 1 }] } },
    { ...right, box: { ...right.box, [mark]: mark } },
    { ...right, box: { n: 1, list: [{ n: mark }] } },
    { ...right, pins: [{ pin: mark }, { pin: [mark] }] },
    { ...right, pins: Array.from({ length: 300 }, () => ({ pin: mark })) },
    {},
  ]
}
