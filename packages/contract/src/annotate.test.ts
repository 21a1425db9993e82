// Annotations, what keeps them, and values without their secrets.
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { describer } from './describer.ts'
import {
  annotate,
  annotationsOf,
  bindings,
  codecs,
  contract,
  failure,
  redact,
  redacted,
  secret,
  unary,
} from './index.ts'

/** A codec whose type the compiler need not follow. */
const untyped = (codec: t.Mixed): t.Type<unknown> => codec as t.Type<unknown>

describe('annotate', () => {
  it('given a codec, when it is annotated, then the codec itself says nothing and the copy decodes alike', () => {
    const Name = annotate(t.string, { description: 'a name', example: 'ada' })
    expect(annotationsOf(t.string)).toEqual({})
    expect(annotationsOf(Name)).toEqual({ description: 'a name', example: 'ada' })
    expect(Name.decode('x')).toEqual(t.string.decode('x'))
    expect(Name.decode(1)._tag).toBe('Left')
    expect(Name).toBeInstanceOf(t.StringType)
  })

  it('given annotations on annotations, when read, then they add up and the last counts', () => {
    const once = annotate(t.number, { title: 'Age', description: 'years' })
    expect(annotationsOf(annotate(once, { description: 'full years' }))).toEqual({
      title: 'Age',
      description: 'full years',
    })
  })

  it('given what only wraps, when read, then what is inside counts and what is outside counts first', () => {
    const Order = annotate(t.type({ id: t.string }), { title: 'Order', deprecated: true })
    for (const wrapped of [t.exact(Order), t.readonly(Order), t.recursion('Order', () => untyped(Order))])
      expect(annotationsOf(wrapped)).toEqual({ title: 'Order', deprecated: true })
    expect(annotationsOf(annotate(t.exact(Order), { title: 'Old' }))).toEqual({ title: 'Old', deprecated: true })
    expect(annotationsOf(t.union([Order, t.null]))).toEqual({})
  })

  it('given an annotated struct, when it is part of tagged unions and intersections, then they work as ever', () => {
    const A = annotate(t.strict({ kind: t.literal('a'), n: t.number }), { title: 'A' })
    const B = annotate(t.strict({ kind: t.literal('b'), s: secret(t.string) }), { title: 'B' })
    const Both = t.intersection([t.union([A, B]), t.type({ id: t.string })])
    expect(t.union([A, B]).decode({ kind: 'b', s: 'x' })).toEqual({ _tag: 'Right', right: { kind: 'b', s: 'x' } })
    expect(Both.is({ kind: 'a', n: 1, id: '1' })).toBe(true)
    expect(Both.is({ kind: 'b', n: 1, id: '1' })).toBe(false)
  })

  it('given an annotation that does not exist or is of another type, when annotating, then it is named', () => {
    expect(() => annotate(t.string, { descripton: 'x' } as never)).toThrow('"descripton" is none of title, description')
    expect(() => annotate(t.string, { secret: 'yes' as never })).toThrow('"secret" is a boolean and not yes')
    expect(() => annotate('string' as never, {})).toThrow('an io-ts codec')
  })
})

describe('redact', () => {
  const Login = t.strict({ user: t.string, password: secret(t.string) })

  it('given nothing secret, when redacted, then it is the value itself', () => {
    const value = { user: 'ada' }
    expect(redact(t.strict({ user: t.string }), value)).toBe(value)
  })

  it('given fields, arrays, tuples, records, when redacted, then only the secrets are gone and the value is untouched', () => {
    const Everything = t.type({
      logins: t.readonlyArray(Login),
      pair: t.tuple([t.string, secret(t.number)]),
      byName: t.record(t.string, secret(t.string)),
      byToken: t.record(secret(t.string), t.number),
      maybe: t.union([secret(t.string), t.undefined]),
      none: t.union([secret(t.string), t.null]),
    })
    const value = {
      logins: [{ user: 'ada', password: 'p' }],
      pair: ['a', 7] as [string, number],
      byName: { a: 'p' },
      byToken: { p: 1 },
      maybe: 'p',
      none: null,
      more: 1,
    }
    const before = structuredClone(value)
    expect(redact(Everything, value)).toEqual({
      logins: [{ user: 'ada', password: redacted }],
      pair: ['a', redacted],
      byName: { a: redacted },
      byToken: { [redacted]: 1 },
      maybe: redacted,
      none: null,
      more: 1,
    })
    expect(value).toEqual(before)
  })

  it('given an intersection, when one member says secret, then it is', () => {
    const Both = t.intersection([t.type({ a: t.string, b: t.string }), t.type({ a: secret(t.string) })])
    expect(redact(Both, { a: 'x', b: 'y' })).toEqual({ a: redacted, b: 'y' })
  })

  it('given a union, when a member takes the value, then its secrets are gone; where none does, those of all', () => {
    const Card = t.strict({ kind: t.literal('card'), number: secret(t.string) })
    const Voucher = t.strict({ kind: t.literal('voucher'), number: t.string })
    expect(redact(t.union([Card, Voucher]), { kind: 'voucher', number: '1' })).toEqual({ kind: 'voucher', number: '1' })
    expect(redact(t.union([Card, Voucher]), { kind: 'card', number: '1' })).toEqual({ kind: 'card', number: redacted })
    expect(redact(t.union([Card, Voucher]), { number: '1' })).toEqual({ number: redacted })
    expect(redact(t.union([t.number, secret(t.string)]), 5)).toBe(5)
    expect(redact(t.union([t.number, secret(t.string)]), 'x')).toBe(redacted)
  })

  it('given a recursion, when redacted, then at every depth, and a value that holds itself ends', () => {
    const Node: t.Type<unknown> = t.recursion('Node', (self) =>
      untyped(t.intersection([t.type({ token: secret(t.string) }), t.partial({ next: self })])),
    )
    expect(redact(Node, { token: 'a', next: { token: 'b', next: { token: 'c' } } })).toEqual({
      token: redacted,
      next: { token: redacted, next: { token: redacted } },
    })
    const loop: Record<string, unknown> = { token: 'a' }
    loop.next = loop
    expect(JSON.stringify(redact(Node, loop))).not.toContain('"a"')
    const Tree: t.Type<unknown> = t.recursion('Tree', (self) =>
      untyped(t.union([t.strict({ l: self, v: secret(t.string) }), t.strict({ l: self, r: self }), t.null])),
    )
    let deep: unknown = null
    for (let i = 0; i < 60; i++) deep = { l: deep, r: deep, v: 'hush' }
    expect(redact(Tree, deep)).toMatchObject({ v: redacted })
  })

  it('given a value of another type, when redacted, then what is there is handled as what should be there', () => {
    expect(redact(Login, { user: 1, password: { oops: 'p' } })).toEqual({ user: 1, password: redacted })
    expect(redact(Login, 'hunter2')).toBe('hunter2')
    expect(redact(t.array(Login), { 0: { password: 'x' } })).toEqual({ 0: { password: 'x' } })
    expect(redact(secret(Login), { user: 'ada' })).toBe(redacted)
    expect(redact(t.array(annotate(secret(t.string), { secret: false })), ['x'])).toEqual(['x'])
  })
})

describe('a secret on its way', () => {
  const word = 'hunter2-is-secret'
  const Password = secret(
    t.brand(t.string, (s): s is t.Branded<string, { readonly Long: symbol }> => s.length > 99, 'Long'),
  )
  const Refused = failure('Refused', 'failed_precondition', t.strict({ reason: t.string }))
  const Accounts = contract('a.v1.Accounts', {
    open: unary({
      input: t.strict({ name: t.string, password: Password, pin: secret(t.union([t.literal(1), t.literal(2)])) }),
      output: t.strict({ token: Password }),
      failures: [Refused],
      http: { route: 'POST /v1/accounts/{name}', headers: { password: 'x-password' } },
    }),
  })

  it('given a value that does not fit, when input or output are decoded, then the failure shows no value', () => {
    const { decodeInput, decodeOutput, encodeFailure } = codecs(Accounts.methods.open)
    const wrong = decodeInput({ name: 'ada', password: word, pin: word, x: word })
    expect(wrong).toMatchObject({
      _tag: 'Left',
      left: { issues: [{ path: 'password' }, { path: 'pin' }, { path: 'x' }] },
    })
    expect(JSON.stringify(wrong)).not.toContain(word)
    if (wrong._tag === 'Left') expect(JSON.stringify(encodeFailure(wrong.left))).not.toContain(word)
    expect(JSON.stringify(decodeOutput({ token: word }))).not.toContain(word)
  })

  it('given a value that no header can carry, when it is placed, then the failure does not show it', () => {
    const [binding] = bindings(Accounts.methods.open)
    const placed = binding?.encode({ name: 'ada', password: `${word}\n`, pin: 1 })
    expect(placed).toMatchObject({ _tag: 'Left', left: { issues: [{ path: 'password' }] } })
    expect(JSON.stringify(placed)).not.toContain(word)
  })
})

describe('describer', () => {
  it('given names, brands, recursions, when described, then each has one definition and the rest is inline', () => {
    const Order = t.type({ id: t.string }, 'Order')
    const Node: t.Type<unknown> = t.recursion('Node', (self) => untyped(t.type({ next: t.union([self, t.null]) })))
    const { describe: of, definitions } = describer()
    expect(of(t.array(Order))).toEqual({ kind: 'array', item: { kind: 'ref', name: 'Order' } })
    expect(of(annotate(Order, { description: 'the last' }))).toEqual({
      kind: 'ref',
      name: 'Order',
      notes: { description: 'the last' },
    })
    expect(of(Node)).toEqual({ kind: 'ref', name: 'Node' })
    expect([...definitions.keys()]).toEqual(['Order', 'Node'])
    expect(definitions.get('Node')).toMatchObject({
      fields: [{ of: { kind: 'one', of: [{ kind: 'ref', name: 'Node' }, { kind: 'null' }] } }],
    })
    expect(of(t.Int)).toMatchObject({ kind: 'refined', of: { kind: 'number' }, notes: { schema: { type: 'integer' } } })
  })

  it('given two codecs of one name, when they are alike, then one definition; else two and a warning', () => {
    const made = describer()
    const codec = (n: t.Mixed): t.Mixed => t.type({ n }, 'Same')
    expect(made.describe(codec(t.number))).toEqual(made.describe(codec(t.number)))
    expect(made.warnings).toEqual([])
    expect(made.describe(codec(t.string))).toEqual({ kind: 'ref', name: 'Same_2' })
    expect(made.warnings).toEqual(['two codecs are named Same; one of them is described as Same_2'])
  })

  it('given an example that is none, and a codec written by hand, when described, then a warning each', () => {
    const Odd = new t.Type<number>('Odd', t.number.is, t.number.validate, t.identity)
    const made = describer()
    made.describe(annotate(t.string, { title: 'Name', example: 5 as never }))
    expect(made.describe(Odd)).toEqual({ kind: 'custom', name: 'Odd' })
    expect(made.describe(annotate(Odd, { schema: { type: 'integer' } }))).toMatchObject({
      kind: 'refined',
      of: { kind: 'number' },
      name: 'Odd',
    })
    expect(made.warnings).toEqual([
      'the example of Name is no value of it',
      'what Odd is on the wire is not known: annotate(Odd, { schema: { ... } }) says it',
    ])
  })
})
