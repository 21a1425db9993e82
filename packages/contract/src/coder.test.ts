import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { NumberFromString } from 'io-ts-types/lib/NumberFromString.js'
import { describe, expect, it } from 'vitest'
import { coder } from './coder.ts'
import { undecided } from './compiler/generate.ts'
import { invalidArgument, problemOf, secret } from './index.ts'

/** A recursive codec whose type the compiler need not follow. */
const untyped = (codec: t.Mixed): t.Type<unknown> => codec as t.Type<unknown>

type Mode = 'refuse' | 'strip'
const decode = (codec: t.Mixed, raw: unknown, mode: Mode = 'refuse') => coder(codec, mode).decode(raw)
/** `path: expected X, got Y` of each issue, or another problem, in order. */
const told = (codec: t.Mixed, raw: unknown, mode: Mode = 'refuse'): readonly string[] => {
  const result = decode(codec, raw, mode)
  return E.isLeft(result) ? result.left.map((issue) => `${issue.path}: ${problemOf(issue)}`) : []
}
const unknowns = (codec: t.Mixed, raw: unknown): readonly string[] =>
  told(codec, raw).map((line) => line.replace(/: no such field$/, ''))

interface Tree {
  readonly value: number
  readonly kids: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ value: t.number, kids: t.readonlyArray(Tree) }))
const Circle = t.type({ kind: t.literal('circle'), radius: t.number })
const Square = t.type({ kind: t.literal('square'), side: t.number })
const Figure = t.union([Circle, Square])
interface Positive {
  readonly Positive: unique symbol
}
const Positive = t.brand(t.number, (n): n is t.Branded<number, Positive> => n > 0, 'Positive')

describe('decoding', () => {
  const kinds: readonly [t.Mixed, unknown, unknown?][] = [
    [t.string, 'a'],
    [t.number, 1.5],
    [t.boolean, false],
    [t.null, null],
    [t.undefined, undefined],
    [t.void, undefined],
    [t.literal('a'), 'a'],
    [t.keyof({ a: null, b: null }), 'b'],
    [t.array(t.string), ['a', 'b']],
    [t.readonlyArray(t.type({ a: t.number })), [{ a: 1 }, { a: 2 }]],
    [t.tuple([t.string, t.type({ a: t.number })]), ['a', { a: 1 }]],
    [t.record(t.string, t.number), { a: 1, constructor: 2 }],
    [t.record(t.keyof({ a: null, b: null }), t.number), { a: 1, b: 2 }],
    [t.type({ a: t.string }), { a: 'x' }],
    [t.partial({ a: t.string }), {}],
    [t.strict({ a: t.string }), { a: 'x' }],
    [t.exact(t.intersection([t.type({ a: t.string }), t.partial({ b: t.number })])), { a: 'x', b: 1 }],
    [t.union([t.string, t.null]), null],
    [Figure, { kind: 'square', side: 2 }],
    [Tree, { value: 1, kids: [{ value: 2, kids: [] }] }],
    [Positive, 3],
    [t.refinement(t.string, (s) => s.length > 1, 'Long'), 'ab'],
    [t.readonly(t.type({ a: t.string })), { a: 'x' }],
    [t.Int, 3],
    [t.UnknownRecord, { anything: [1, { deep: true }] }],
    [t.UnknownArray, [1, 'a', {}]],
    [t.unknown, { any: 'thing' }],
    [DateFromISOString, '2026-01-02T03:04:05.000Z', new Date('2026-01-02T03:04:05.000Z')],
    [
      t.type({ at: DateFromISOString, n: NumberFromString }),
      { at: '2026-01-02T00:00:00.000Z', n: '7' },
      { at: new Date('2026-01-02'), n: 7 },
    ],
  ]
  it.each(kinds.map(([codec, raw, value = raw]) => ({ name: codec.name, codec, raw, value })))(
    'given $name and what it takes, when it is decoded and encoded, then it is what it was',
    ({ codec, raw, value }) => {
      expect(decode(codec, raw)).toEqual(E.right(value))
      expect(coder(codec, 'refuse').encode(value)).toEqual(raw)
    },
  )

  it('given an optional key that is undefined, when it is decoded or encoded, then it is not there', () => {
    const codec = t.intersection([t.type({ a: t.string }), t.partial({ b: t.number, c: t.type({ d: t.string }) })])
    const result = decode(codec, { a: 'x', b: undefined, c: undefined })
    expect(E.isRight(result) && Object.keys(result.right as object)).toEqual(['a'])
    expect(Object.keys(coder(codec, 'strip').encode({ a: 'x', b: undefined }) as object)).toEqual(['a'])
  })

  it('given whatever io-ts takes without unknown keys, when it is decoded, then the result is that of io-ts', () => {
    const codecs: readonly t.Mixed[] = [
      t.type({ a: t.string, b: t.array(t.union([t.number, t.type({ c: t.boolean })])) }),
      t.partial({ a: t.string, b: t.array(t.union([t.number, t.type({ c: t.boolean })])) }),
      t.record(t.string, t.union([t.string, t.type({ c: t.boolean })])),
      t.union([t.type({ a: t.string }), t.array(t.number), t.string]),
    ]
    const value = fc.oneof(
      fc.record({ a: fc.string(), b: fc.array(fc.oneof(fc.integer(), fc.record({ c: fc.boolean() }))) }),
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.record({ c: fc.boolean() }))),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...codecs), value, (codec, raw) => {
        fc.pre(!JSON.stringify(raw).includes('__proto__'))
        const [theirs, refusing, stripping] = [codec.decode(raw), decode(codec, raw), decode(codec, raw, 'strip')]
        expect(E.isLeft(stripping)).toBe(E.isLeft(theirs))
        if (E.isRight(refusing)) expect(refusing).toEqual(theirs)
        else if (E.isRight(theirs))
          expect(refusing.left.every((issue) => issue.expected === 'no such field')).toBe(true)
      }),
    )
  })
})

describe('what a decode failure says', () => {
  const Order = t.type({
    id: t.string,
    items: t.array(t.type({ sku: t.string, qty: t.Int })),
    status: t.keyof({ open: null, paid: null }),
    address: t.type({ street: t.string, zip: t.union([t.string, t.undefined]) }),
  })

  it('given several wrong fields, when it is decoded, then each is listed by path, in the order of the codec, then by index', () => {
    const raw = { status: 'gone', items: [{ sku: 1, qty: 1.5 }, null, { sku: 'a', qty: '2' }], id: null, address: [] }
    expect(told(Order, raw)).toEqual([
      'id: expected string, got null',
      'items[0].sku: expected string, got number',
      'items[0].qty: expected Int, got another number',
      'items[1]: expected object, got null',
      'items[2].qty: expected Int, got string',
      'status: expected "open" | "paid", got string',
      'address: expected object, got array',
    ])
  })

  it('given a missing field or nothing at all, when it is decoded, then it is missing', () => {
    expect(told(Order, { id: 'a', items: [], status: 'open' })).toEqual(['address: expected object, but it is missing'])
    expect(told(Order, undefined)).toEqual([': expected object, but it is missing'])
  })

  it('given more than twenty wrong fields, when it is refused, then twenty are listed and the message says there are more', () => {
    const result = decode(t.array(t.string), Array(30).fill(1))
    const failure = E.isLeft(result) ? invalidArgument(result.left) : undefined
    expect(failure?.issues).toHaveLength(20)
    expect(failure?.message).toBe('[0]: expected string, got number (and 20 or more)')
  })

  it('given one, two or no issues, when the message is made, then it is one line', () => {
    const issue = { path: 'items[0].sku', expected: 'string', actual: 'number' }
    expect(invalidArgument([issue]).message).toBe('items[0].sku: expected string, got number')
    expect(invalidArgument([issue, issue, issue, issue]).message).toBe(
      'items[0].sku: expected string, got number (and 3 more)',
    )
    expect(invalidArgument([{ path: '', expected: 'object', actual: 'null' }]).message).toBe(
      'expected object, got null',
    )
    expect(invalidArgument([{ path: 'x', expected: 'no such field', actual: 'string' }]).message).toBe(
      'x: no such field',
    )
    expect(invalidArgument([{ path: 'x', expected: 'string', actual: 'missing' }]).message).toBe(
      'x: expected string, but it is missing',
    )
    expect(invalidArgument([{ path: 'x', expected: 'in its own words', actual: '' }]).message).toBe(
      'x: in its own words',
    )
    expect(invalidArgument([]).message).toBe('the input is wrong')
  })

  it('given secrets that are keys or literals, or hold some, when they are refused, then only names of the codec are told', () => {
    const Pin = secret(t.refinement(t.string, (text) => text.startsWith('pin'), 'Pin'))
    const codec = t.strict({
      byPin: t.record(
        t.brand(Pin, (pin): pin is t.Branded<string, { readonly My: symbol }> => pin !== '', 'My'),
        t.number,
      ),
      box: secret(t.strict({ n: t.number, list: t.array(t.strict({ n: t.number })), any: t.unknown })),
      word: t.union([secret(t.literal('sesame')), secret(t.literal(42))]),
      kind: t.union([t.strict({ by: secret(t.literal('moon')) }), t.strict({ by: secret(t.literal('sun')) })]),
      open: t.record(t.string, t.number),
    })
    const right = { byPin: {}, box: { n: 1, list: [], any: 1 }, word: 'sesame', kind: { by: 'sun' }, open: {} }
    const refused = (wrong: object): readonly string[] => told(codec, { ...right, ...wrong })
    expect(refused({ byPin: { pinX: 'x' } })).toEqual(['byPin[redacted]: expected number, got string'])
    expect(refused({ byPin: { X: 1 } })).toEqual(['byPin[redacted]: no such field'])
    expect(refused({ box: { n: 'X', list: [{ n: 1, X: 1 }], any: JSON.parse('{"X":{"__proto__":1}}') } })).toEqual([
      'box.n: expected number, got string',
      'box.list[0][redacted]: no such field',
      'box.any[redacted][redacted]: no such field',
    ])
    expect(refused({ word: 'X' })).toEqual(['word: expected a certain string | a certain number, got string'])
    expect(refused({ kind: { by: 'X' } })).toEqual(['kind.by: expected a certain string, got string'])
    expect(refused({ open: { X: 'x' } })).toEqual(['open.X: expected number, got string'])
    expect(told(secret(t.record(t.string, t.number)), { X: 'x' })).toEqual(['[redacted]: expected number, got string'])
  })

  it('given a secret of the wrong kind, when it is refused, then the value is nowhere in the failure', () => {
    const raw = { password: 4242424242, token: { hidden: 'geheim' }, extra: 'geheim' }
    const result = decode(t.type({ password: t.string, token: t.string }), raw)
    expect(JSON.stringify(E.isLeft(result) && invalidArgument(result.left))).not.toMatch(/4242|geheim|hidden/)
  })

  it('given odd and endless keys, when they are named, then quoted and cut', () => {
    const codec = t.record(t.string, t.number)
    expect(told(codec, { 'a b': 'x' })).toEqual(['["a b"]: expected number, got string'])
    expect(told(codec, { ['k'.repeat(500)]: 'x' })[0]?.length).toBeLessThan(120)
  })

  it('given a refinement, when its predicate says no to a value of the right kind, then that is what is told', () => {
    const isEven = (n: number): boolean => n % 2 === 0
    const Email = t.refinement(t.string, (text) => text.includes('@'), 'Email')
    const Range = t.refinement(t.strict({ from: t.number, to: t.number }), ({ from, to }) => from < to, 'Range')
    const Even = t.refinement(t.number, isEven)
    const Few = t.refinement(t.array(t.string), (all) => all.length < 2)
    const codec = t.partial({ email: Email, range: Range, even: Even, few: Few })
    expect(told(codec, { email: 'x', range: { from: 2, to: 1 }, even: 1, few: ['a', 'b'] })).toEqual([
      'email: expected Email, got another string',
      'range: expected Range, got another object',
      'even: expected number (isEven), got another number',
      'few: expected array (refined), got another array',
    ])
    expect(told(codec, { email: 1, range: { from: 1 }, even: 'x', few: [1] })).toEqual([
      'email: expected Email, got number',
      'range.to: expected number, but it is missing',
      'even: expected number, got string',
      'few[0]: expected string, got number',
    ])
  })

  it('given a refinement in a union, when its predicate says no, then so too, unless others take values of that kind', () => {
    const Email = t.refinement(t.string, (text) => text.includes('@'), 'Email')
    const Phone = t.refinement(t.string, (text) => text.startsWith('+'), 'Phone')
    const Few = t.refinement(t.array(t.string), (all) => all.length < 2, 'Few')
    const codec = t.partial({
      email: t.union([Email, t.null]),
      reach: t.union([Email, Phone]),
      to: t.union([t.literal('all'), Email]),
      few: t.union([Few, t.null]),
    })
    expect(told(codec, { email: 'x', reach: 'x', to: 'x', few: ['a', 'b'] })).toEqual([
      'email: expected Email, got another string',
      'reach: expected Email | Phone, got another string',
      'to: expected "all" | Email, got another string',
      'few: expected Few, got another array',
    ])
    expect(told(codec, { email: 1, few: [1] })).toEqual([
      'email: expected string | null, got number',
      'few[0]: expected string, got number',
    ])
  })

  it('given an intersection, when its members see the same mistake, then it is told once', () => {
    const codec = t.intersection([t.type({ a: t.string }), t.type({ a: t.string, b: t.number })])
    expect(told(codec, 'x')).toEqual([': expected object, got string'])
    expect(told(codec, { a: 1, b: 1 })).toEqual(['a: expected string, got number'])
  })

  describe('of a union', () => {
    const Payment = t.union([t.string, t.strict({ card: t.string }), t.strict({ iban: t.string, bic: t.string })])
    it('given a value of no member, when it is refused, then one issue names what it takes', () => {
      expect(told(Payment, 1)).toEqual([': expected string | object, got number'])
      expect(told(t.type({ a: t.union([t.string, t.number, t.undefined]) }), { a: null })).toEqual([
        'a: expected string | number, got null',
      ])
      expect(told(t.union([t.literal('a'), t.literal(1), t.null]), 'b')).toEqual([
        ': expected "a" | 1 | null, got string',
      ])
    })

    it('given a value that one member nearly takes, when it is refused, then it is told what that member misses', () => {
      expect(told(Payment, { iban: 1, bic: 'x' })).toEqual(['iban: expected string, got number'])
      expect(told(Payment, { iban: 'a' })).toEqual(['bic: expected string, but it is missing'])
      expect(told(t.union([t.array(t.string), t.type({ a: t.string })]), [1])).toEqual([
        '[0]: expected string, got number',
      ])
    })

    it('given a value that could be any of them, when it is refused, then their keys are told', () => {
      expect(told(Payment, {})).toEqual([': expected { card } | { iban, bic }, got object'])
    })

    it('given a tag, when something else is wrong, then it is told of the tagged member; a wrong tag is told as such', () => {
      expect(told(Figure, { kind: 'circle', radius: 'x' })).toEqual(['radius: expected number, got string'])
      expect(told(t.type({ f: Figure }), { f: { kind: 'star' } })).toEqual([
        'f.kind: expected "circle" | "square", got string',
      ])
      expect(told(Figure, {})).toEqual(['kind: expected "circle" | "square", but it is missing'])
      expect(told(Figure, [])).toEqual([': expected object, got array'])
    })

    it('given a tag that parts of an intersection say together, then the tagged member is meant, by decoding and by encoding', () => {
      const one = t.type({ k: t.literal(1) })
      const codec = t.union([
        t.type({ k: t.literal(0), a: t.string }),
        t.intersection([one, t.exact(t.intersection([one, t.type({ c: t.string })]))]),
      ])
      expect(told(codec, { k: 1, c: 5 })).toEqual(['c: expected string, got number'])
      // A value of no member: it is the tag that says whose keys it has, with generated code and without.
      const wrong = { k: 1, c: 5, x: 1 }
      for (const each of [coder(codec, 'strip'), coder(codec, 'strip', () => undecided)])
        expect(each.encode(wrong)).toEqual({ k: 1, c: 5 })
    })

    it('given unions in unions, when it is refused, then still one issue a field', () => {
      const codec = t.union([t.string, t.type({ a: t.union([t.number, t.type({ b: Figure })]) })])
      expect(told(codec, { a: { b: { kind: 'square', side: null } } })).toEqual(['a.b.side: expected number, got null'])
      expect(told(codec, { a: true })).toEqual(['a: expected number | object, got boolean'])
    })
  })
})

describe('unknown keys', () => {
  it('given the default, when a key is unknown, then it is refused with its path, wherever it is', () => {
    const codec = t.type({
      a: t.string,
      items: t.array(t.type({ b: t.number })),
      by: t.record(t.string, t.type({ c: t.number })),
    })
    const raw = { a: 'x', extra: 1, items: [{ b: 1 }, { b: 2, odd: true }], by: { k: { c: 1, more: null } } }
    expect(unknowns(codec, raw)).toEqual(['extra', 'items[1].odd', 'by.k.more'])
    expect(told(codec, { ...raw, a: 1 })[0]).toBe('a: expected string, got number')
  })

  it('given strip, when a key is unknown, then it is dropped, and nothing else changes', () => {
    const codec = t.type({ a: t.string, items: t.array(t.type({ b: t.number })) })
    const raw = { x: 1, a: 'x', items: [{ b: 1 }, { b: 2, odd: true }] }
    expect(decode(codec, raw, 'strip')).toEqual(E.right({ a: 'x', items: [{ b: 1 }, { b: 2 }] }))
    expect(raw).toEqual({ x: 1, a: 'x', items: [{ b: 1 }, { b: 2, odd: true }] })
  })

  it('given an intersection, when one member knows a key, then it is known, also inside', () => {
    const codec = t.intersection([
      t.type({ a: t.type({ x: t.string }) }),
      t.partial({ a: t.partial({ y: t.string }), b: t.string }),
    ])
    expect(unknowns(codec, { a: { x: '', y: '' }, b: '' })).toEqual([])
    expect(unknowns(codec, { a: { x: '', z: '' }, c: '' })).toEqual(['a.z', 'c'])
    const open = t.intersection([t.type({ a: t.type({ x: t.string }) }), t.UnknownRecord])
    expect(unknowns(open, { a: { x: '' }, whatever: 1 })).toEqual([])
    const withUnion = t.intersection([t.type({ id: t.string }), Figure])
    expect(unknowns(withUnion, { id: '', kind: 'circle', radius: 1 })).toEqual([])
    expect(unknowns(withUnion, { id: '', kind: 'circle', radius: 1, side: 1 })).toEqual(['side'])
  })

  it('given a union, when a member matched, then its keys are known and not those of the others', () => {
    expect(unknowns(Figure, { kind: 'circle', radius: 1, side: 1 })).toEqual(['side'])
    const untagged = t.union([t.type({ a: t.string }), t.type({ b: t.number })])
    expect(unknowns(untagged, { b: 1, c: 1 })).toEqual(['c'])
    expect(decode(untagged, { b: 1, c: 1 }, 'strip')).toEqual(E.right({ b: 1 }))
    expect(unknowns(t.array(t.union([t.null, t.type({ a: t.string })])), [null, { a: '', b: 1 }])).toEqual(['[1].b'])
  })

  it('given a recursion, when a key deep inside is unknown, then it is refused or dropped there', () => {
    const raw = { value: 1, kids: [{ value: 2, kids: [], colour: 'red' }] }
    expect(unknowns(Tree, raw)).toEqual(['kids[0].colour'])
    expect(decode(Tree, raw, 'strip')).toEqual(E.right({ value: 1, kids: [{ value: 2, kids: [] }] }))
  })

  it('given a tuple or a record of known keys, when there is more, then it is refused', () => {
    expect(unknowns(t.tuple([t.string]), ['a', 'b'])).toEqual(['[1]'])
    expect(unknowns(t.record(t.keyof({ a: null }), t.number), { a: 1, b: 2 })).toEqual(['b'])
    expect(
      unknowns(
        t.record(
          t.refinement(t.string, (s) => s.startsWith('x-'), 'Header'),
          t.number,
        ),
        { 'x-a': 1, b: 2 },
      ),
    ).toEqual(['b'])
  })

  it('given what somebody wrote by hand or left open, when it has any keys, then they are theirs', () => {
    const custom = new t.Type<object>('Custom', t.UnknownRecord.is, t.UnknownRecord.validate, t.identity)
    const codec = t.strict({ u: t.unknown, r: t.UnknownRecord, c: custom })
    expect(unknowns(codec, { u: { a: 1 }, r: { b: 2 }, c: { d: 3 } })).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'given the key %s, when nobody declared it, then it is unknown like any other and changes no prototype',
    (key) => {
      const raw: unknown = JSON.parse(`{"a":"x","${key}":{"admin":true}}`)
      expect(unknowns(t.type({ a: t.string }), raw)).toEqual([key])
      expect(unknowns(t.strict({ a: t.string }), raw)).toEqual([key])
      const stripped = decode(t.type({ a: t.string }), raw, 'strip')
      expect(stripped).toEqual(E.right({ a: 'x' }))
      expect(E.isRight(stripped) && (stripped.right as { admin?: boolean }).admin).toBeUndefined()
      expect(coder(t.type({ a: t.string }), 'strip').encode(raw)).toEqual({ a: 'x' })
    },
  )

  it('given __proto__ where any key may be, when it is decoded, then it is refused', () => {
    const raw: unknown = JSON.parse('{"__proto__":{"admin":1}}')
    expect(unknowns(t.record(t.string, t.unknown), raw)).toEqual(['__proto__'])
    expect(unknowns(t.type({ a: t.unknown }), { a: [{ b: raw }] })).toEqual(['a[0].b.__proto__'])
    expect(unknowns(t.intersection([t.UnknownRecord, t.partial({ a: t.string })]), raw)).toEqual([
      '__proto__',
      '__proto__',
    ])
  })
})

describe('encoding', () => {
  it('given more than the contract knows, when it is encoded, then it does not cross, wherever it is', () => {
    const codec = t.type({ id: t.string, items: t.array(t.type({ sku: t.string })), figure: Figure })
    const row = {
      id: 'a',
      passwordHash: 'x',
      items: [{ sku: 'oak', cost: 3 }],
      figure: { kind: 'circle' as const, radius: 1, side: 2 },
    }
    expect(coder(codec, 'refuse').encode(row)).toEqual({
      id: 'a',
      items: [{ sku: 'oak' }],
      figure: { kind: 'circle', radius: 1 },
    })
    expect(row.passwordHash).toBe('x')
  })

  it('given dates inside unions and recursions, when it is encoded, then every codec encodes its part', () => {
    const codec = t.type({
      at: t.union([DateFromISOString, t.null]),
      log: t.array(t.partial({ at: DateFromISOString })),
    })
    const at = new Date('2026-01-02T03:04:05.000Z')
    expect(coder(codec, 'strip').encode({ at, log: [{ at }, {}, { at: undefined }] })).toEqual({
      at: at.toISOString(),
      log: [{ at: at.toISOString() }, {}, {}],
    })
  })

  it('given an instance of a class, when it is encoded, then its getters count and its other fields stay here', () => {
    class Cart {
      readonly secret = 'x'
      readonly prices = [1, 2]
      get total(): number {
        return this.prices.reduce((sum, price) => sum + price, 0)
      }
    }
    const codec = t.strict({ total: t.number, prices: t.array(t.number) })
    expect(coder(codec, 'strip').encode(new Cart())).toEqual({ total: 3, prices: [1, 2] })
  })
})

describe('inputs made to hurt', () => {
  it('given a recursive codec and a hundred thousand levels, when it is decoded, then it is one issue and no overflow', () => {
    let deep: unknown = { value: 1, kids: [] }
    for (let i = 0; i < 100_000; i++) deep = { value: 1, kids: [deep] }
    const lines = told(Tree, deep)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^kids\[0\]\.kids.*: expected at most 64 levels, got more$/)
    expect(lines[0]?.length).toBeLessThan(400)
  })

  it('given 64 levels or fewer, when a recursive value is decoded, then it is taken', () => {
    let deep: Tree = { value: 1, kids: [] }
    for (let i = 0; i < 31; i++) deep = { value: 1, kids: [deep] }
    expect(E.isRight(decode(Tree, deep))).toBe(true)
    expect(E.isRight(decode(Tree, { value: 1, kids: [deep] }))).toBe(false)
  })

  it('given a recursion through a union without a tag, when an input fits several members all the way, then it is refused at once', () => {
    const Chain: t.Type<unknown> = t.recursion('Chain', () =>
      untyped(t.union([t.type({ next: Chain, p: t.string }), t.type({ next: Chain, q: t.string }), t.null])),
    )
    const chain = (length: number, more: object): unknown =>
      length === 0 ? null : { ...more, next: chain(length - 1, more) }
    const start = performance.now()
    expect(told(Chain, chain(60, {}))).toEqual([': expected fewer nested alternatives, got object'])
    expect(told(Chain, chain(60, { q: '' }))).toEqual([': expected fewer nested alternatives, got object'])
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(E.isRight(decode(Chain, chain(8, { q: '' })))).toBe(true)
  })

  it('given a recursion whose members have keys of their own, when an input is wide and deep, then it is taken', () => {
    const Filter: t.Type<unknown> = t.recursion('Filter', () =>
      untyped(
        t.union([
          t.strict({ and: t.array(Filter) }),
          t.strict({ or: t.array(Filter) }),
          t.strict({ not: Filter }),
          t.strict({ field: t.string }),
        ]),
      ),
    )
    const filter = (depth: number): unknown =>
      depth === 0
        ? { field: 'a' }
        : depth % 2 === 0
          ? { and: [filter(depth - 1), filter(depth - 1)] }
          : { or: [{ not: filter(depth - 1) }, { field: 'b' }] }
    expect(E.isRight(decode(Filter, filter(20)))).toBe(true)
  })

  it('given an open field and endless nesting, when it is decoded, then it is refused', () => {
    const raw: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    expect(told(t.type({ any: t.unknown }), { any: raw })[0]).toMatch(/: expected at most 64 levels, got more$/)
  })

  it('given a million wrong items, when it is decoded, then it fails at the twentieth', () => {
    const codec = t.type({ xs: t.array(t.type({ a: t.string })), ys: t.array(t.number) })
    const start = performance.now()
    const result = decode(codec, { xs: Array(1_000_000).fill(1), ys: [] })
    const spent = performance.now() - start
    expect(E.isLeft(result) && result.left[20]).toEqual({ path: 'xs[20]', expected: 'object', actual: 'number' })
    expect(spent).toBeLessThan(10_000)
  })

  it('given a hundred thousand unknown keys, when it is decoded, then the first of them are told', () => {
    const raw = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))
    expect(unknowns(t.type({}), raw)).toHaveLength(21)
  })

  it('given a million items of which a few are wrong, when it is decoded, then those are told', () => {
    const xs: unknown[] = Array(100_000).fill('a')
    xs[77_777] = 1
    expect(told(t.array(t.string), xs)).toEqual(['[77777]: expected string, got number'])
  })

  it('given any JSON and any of these codecs, when it is decoded, then it answers and throws nothing', () => {
    const codecs = [
      Tree,
      Figure,
      t.array(Figure),
      t.record(t.string, Figure),
      t.intersection([Figure, t.partial({ a: Tree })]),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.jsonValue(), fc.boolean(), (codec, raw, strip) => {
        const result = decode(codec, raw, strip ? 'strip' : 'refuse')
        if (E.isLeft(result)) expect(result.left.length).toBeGreaterThan(0)
      }),
    )
  })
})
