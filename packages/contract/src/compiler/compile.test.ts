import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { withEncode } from 'io-ts-types/lib/withEncode.js'
import { withFallback } from 'io-ts-types/lib/withFallback.js'
import { withMessage } from 'io-ts-types/lib/withMessage.js'
import { describe, expect, it, vi } from 'vitest'
import { annotate, annotationsOf, secret } from '../annotate.ts'
import { redact } from '../redact.ts'
import { compilation, compile } from './compile.ts'

const Order = t.strict({ id: t.string, items: t.array(t.type({ sku: t.string, qty: t.Int })), at: DateFromISOString })
const raw = { id: 'a', items: [{ sku: 'oak', qty: 1 }], at: '2026-01-02T03:04:05.000Z' }

interface Tree {
  readonly value: number
  readonly kids: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ value: t.number, kids: t.readonlyArray(Tree) }))

describe('a compiled codec', () => {
  it('given a value that fits, when it is decoded, then the answer is that of io-ts, with the same references', () => {
    const compiled = compile(Order)
    const answer = compiled.decode(raw)
    expect(answer).toEqual(Order.decode(raw))
    expect(E.isRight(answer) && answer.right.items).toBe(raw.items)
    const plain = t.strict({ a: t.array(t.string) })
    const value = { a: ['x'] }
    expect(compile(plain).decode(value)).toEqual({ _tag: 'Right', right: value })
    expect((compile(plain).decode(value) as E.Right<unknown>).right).toBe(value)
    expect(compilation(compiled)).toEqual({ compiled: true, byHand: ['DateFromISOString'] })
  })

  it('given a value that does not fit, when it is decoded, then the errors are those of io-ts, with the same codecs', () => {
    const wrong = { ...raw, items: [{ sku: 1, qty: 1.5 }] }
    const [plain, other] = [Order.decode(wrong), compile(Order).decode(wrong)]
    expect(other).toEqual(plain)
    const types = (answer: t.Validation<unknown>) =>
      E.isLeft(answer) ? answer.left.map(({ context }) => context.map(({ type }) => type)) : []
    expect(types(other)).toHaveLength(2)
    for (const [at, path] of types(plain).entries())
      for (const [i, type] of path.entries()) expect(types(other)[at]?.[i]).toBe(type)
  })

  it('given values of its type, when they are encoded and checked, then the answers are those of io-ts', () => {
    const value = { id: 'a', items: [], at: new Date(0) }
    const compiled = compile(Order)
    expect(compiled.encode(value)).toEqual(Order.encode(value))
    expect(Object.keys(compiled.encode(value))).toEqual(Object.keys(Order.encode(value)))
    expect([compiled.is(value), compiled.is(raw)]).toEqual([true, false])
  })

  it('given a codec, when it is compiled, then that codec stays as it was, and no recursion is read before it is used', () => {
    const definition = vi.fn((): t.Mixed => t.type({ a: t.string }))
    const codec: t.Mixed = t.recursion<unknown>('Later', definition)
    const before = Object.getOwnPropertyDescriptors(codec)
    const compiled = compile(codec)
    expect(definition).not.toHaveBeenCalled()
    expect(E.isRight(compiled.decode({ a: '' }))).toBe(true)
    expect(Object.getOwnPropertyDescriptors(codec)).toEqual(before)
  })

  it('given a codec that was frozen, when it is compiled, then it works', () => {
    const compiled = compile(Object.freeze(t.strict({ a: t.string })))
    expect(compiled.decode({ a: '', b: 1 })).toEqual(E.right({ a: '' }))
    expect(compilation(compiled).compiled).toBe(true)
  })

  it('given a compiled codec, when it is compiled or put into others, then nothing is compiled twice and all is known', () => {
    const compiled = compile(Order)
    expect(compile(compiled)).toBe(compiled)
    const outer = compile(t.array(compiled))
    expect(outer.decode([raw])).toEqual(t.array(Order).decode([raw]))
    expect(compilation(outer)).toEqual({ compiled: true, byHand: ['DateFromISOString'] })
    // io-ts asks by identity whether encoding changes anything.
    expect(t.array(compile(t.type({ a: t.string }))).encode).toBe(t.identity)
    const shouting = withEncode(compile(t.string), (text) => text.toUpperCase())
    expect(compile(t.type({ a: shouting })).encode({ a: 'x' })).toEqual({ a: 'X' })
  })

  it('given annotations, when a codec is compiled or a compiled one is annotated, then both hold', () => {
    const Login = t.strict({ user: t.string, password: secret(t.string) })
    const said = annotate(compile(annotate(Login, { title: 'Login' })), { description: 'who it is' })
    expect(annotationsOf(said)).toEqual({ title: 'Login', description: 'who it is' })
    expect(redact(compile(said), { user: 'ada', password: 'x' })).toEqual({ user: 'ada', password: '[redacted]' })
    expect(compilation(said).compiled).toBe(true)
    expect(said.decode({ user: 'ada', password: 'x', more: 1 })).toEqual(E.right({ user: 'ada', password: 'x' }))
  })
})

describe('what is not io-ts’s own', () => {
  const Upper = new t.Type<string>(
    'Upper',
    t.string.is,
    (u, c) => (typeof u === 'string' ? t.success(u.toUpperCase()) : t.failure(u, c, 'no text')),
    t.identity,
  )

  it('given a codec by hand, when it is compiled, then it is called as it is, and said to be', () => {
    expect(compilation(compile(Upper))).toEqual({
      compiled: false,
      reason: 'it is written by hand',
      byHand: ['Upper'],
    })
    expect(compile(Upper).decode('a')).toEqual(E.right('A'))
    const compiled = compile(t.type({ a: Upper, b: Upper }))
    expect(compiled.decode({ a: 'a', b: 'b' })).toEqual(E.right({ a: 'A', b: 'B' }))
    expect(compilation(compiled).byHand).toEqual(['Upper'])
    expect(compilation(t.string)).toEqual({ compiled: false, reason: 'it was not given to compile()', byHand: [] })
  })

  it('given copies of io-ts’s codecs with other functions, when they are compiled, then these functions answer', () => {
    const compiled = compile(
      t.type({ a: withFallback(t.number, -1), b: withMessage(t.string, () => 'say something'), c: t.literal('c') }),
    )
    expect(compiled.decode({ b: '', c: 'c' })).toEqual(E.right({ a: -1, b: '', c: 'c' }))
    const wrong = compiled.decode({ a: 1, b: 2, c: 'c' })
    expect(E.isLeft(wrong) && wrong.left.map(({ message }) => message)).toEqual(['say something'])
  })

  it('given a copy with the parts of another codec, when it is compiled, then what it does counts and not what it says', () => {
    const base = t.type({ a: t.string })
    const other = { props: { a: t.number } }
    const lie: t.Mixed = Object.assign(Object.create(Object.getPrototypeOf(base)), base, other)
    const swapped: t.Mixed = Object.assign(Object.create(Object.getPrototypeOf(base)), base, {
      validate: t.type({ b: t.number }).validate,
    })
    for (const codec of [lie, swapped, t.array(lie), t.array(swapped)])
      for (const value of [{ a: '' }, { a: 1 }, { b: 1 }, [{ a: '' }], [{ b: 1 }]])
        expect(compile(codec).decode(value)).toEqual(codec.decode(value))
  })
})

describe('a hostile value', () => {
  it('given __proto__ as a key, when it is decoded by any codec, then no prototype is changed but as io-ts changes that of its answer', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"a":"x"}')
    for (const codec of [t.type({ a: t.string }), t.strict({ a: t.string }), t.record(t.string, t.unknown), Order])
      expect(compile(codec as t.Mixed).decode(hostile)).toEqual(codec.decode(hostile))
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each([
    '"',
    "'",
    '`',
    '\\',
    '\n',
    '\u2028',
    '\u0024{0}',
    '*/',
    '];//',
    'constructor',
    'toString',
    '0',
    '__proto__',
    '',
  ])(
    'given the key %j, when it is a field, a tag, a literal and a key of a record, then it is a name and no code',
    (key) => {
      const props = Object.fromEntries([[key, t.literal(key)]])
      const codecs: readonly t.Mixed[] = [
        t.type(props),
        t.exact(t.partial(props)),
        t.union([t.literal(key), t.type({ a: t.literal(key) })]),
        t.record(t.literal(key), t.number),
        t.keyof(Object.fromEntries([[key, null]])),
        t.union([t.type({ k: t.literal(key) }), t.type({ k: t.literal('other') })]),
      ]
      const values = [{ [key]: key }, {}, key, { a: key }, { [key]: 1 }, { [key]: 1, x: 1 }, { k: key }, { k: 'other' }]
      for (const codec of codecs)
        for (const value of values) {
          expect(compile(codec).decode(value)).toEqual(codec.decode(value))
          expect(compile(codec).is(value)).toBe(codec.is(value))
        }
    },
  )

  it('given a value without end, when it is decoded, then the stack ends as in io-ts', () => {
    const cycle: { value: number; kids: unknown[] } = { value: 1, kids: [] }
    cycle.kids.push(cycle)
    let deep: Tree = { value: 1, kids: [] }
    for (let i = 0; i < 30_000; i++) deep = { value: 1, kids: [deep] }
    for (const value of [cycle, deep]) {
      expect(() => Tree.decode(value)).toThrow(RangeError)
      expect(() => compile(Tree).decode(value)).toThrow(RangeError)
      expect(() => compile(Tree).is(value)).toThrow(RangeError)
    }
  })

  it('given a getter that throws, when it is decoded, then that is thrown', () => {
    const mine = new Error('mine')
    const value = {
      get a(): string {
        throw mine
      },
    }
    expect(() => compile(t.strict({ a: t.string })).decode(value)).toThrow(mine)
  })

  it('given a getter that changes its answer, when the first does not fit, then io-ts decides by the second', () => {
    let reads = 0
    const value = {
      get a(): unknown {
        return reads++ === 0 ? 1 : 'x'
      },
    }
    expect(E.isRight(compile(t.type({ a: t.string })).decode(value))).toBe(true)
    expect(reads).toBe(2)
  })

  it('given the instance of a class, when it is decoded or encoded, then the answers are those of io-ts', () => {
    class Row {
      readonly id = 'a'
      readonly secret = 'x'
      get total(): number {
        return 3
      }
    }
    const [codec, exact] = [t.type({ id: t.string, total: t.number }), t.strict({ id: t.string, total: t.number })]
    const row = new Row()
    for (const each of [codec, exact]) {
      expect(compile(each).decode(row)).toStrictEqual(each.decode(row))
      expect(compile(each).encode(row)).toStrictEqual(each.encode(row))
    }
    const error = new Error('own keys of it are hidden')
    expect(compile(t.exact(t.partial({ a: t.string }))).decode(error)).toStrictEqual(E.right({}))
  })

  it('given a hidden key that is unknown, when the object is plain and strict, then it stays, and that is all that differs', () => {
    const value = Object.defineProperty({ a: 'x' }, 'hidden', { value: 1 })
    const strict = t.strict({ a: t.string })
    expect(Object.getOwnPropertyNames((strict.decode(value) as E.Right<object>).right)).toEqual(['a'])
    expect((compile(strict).decode(value) as E.Right<object>).right).toBe(value)
  })
})

describe('where code may not be generated', () => {
  it('given a process that forbids it, when a codec is compiled, then io-ts answers, and the reason is told', () => {
    const file = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))
    const script = `
      import * as t from 'io-ts'
      import { compilation, compile } from ${file('./compile.ts')}
      import { coder } from ${file('../coder.ts')}
      const Order = t.strict({ sku: t.string, tags: t.array(t.string) })
      const compiled = compile(Order)
      const contract = coder(Order, 'refuse')
      const good = { sku: 'oak', tags: ['a'] }
      console.log(JSON.stringify([
        compiled.decode({ ...good, more: 1 }), compiled.decode({ sku: 1 })._tag, compiled.is(good), compiled.encode(good),
        contract.decode(good), contract.decode({ ...good, more: 1 }), contract.encode({ ...good, more: 1 }),
        compilation(compiled),
      ]))`
    const args = ['--disallow-code-generation-from-strings', '--input-type=module-typescript', '-e', script]
    const printed = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
    const good = { sku: 'oak', tags: ['a'] }
    expect(JSON.parse(printed)).toEqual([
      { _tag: 'Right', right: good },
      'Left',
      true,
      good,
      { _tag: 'Right', right: good },
      { _tag: 'Left', left: [{ path: 'more', expected: 'no such field', actual: 'number' }] },
      good,
      {
        compiled: false,
        reason: 'code generation is not allowed in this process',
        byHand: [],
      },
    ])
  })
})
