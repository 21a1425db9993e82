// How streams are resumed: what may be an id, and what a transport does with it.
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type AnyMethod, contract, type Resumption, resumption, serverStream } from './index.ts'

const Day = new t.Type<Date, string, unknown>(
  'Day',
  (u): u is Date => u instanceof Date,
  (u, c) => (typeof u === 'string' && !Number.isNaN(Date.parse(u)) ? t.success(new Date(u)) : t.failure(u, c)),
  (day) => day.toISOString(),
)
const input = (after: t.Mixed) => t.intersection([t.strict({ of: t.string }), t.partial({ after })])
const watching = (id: t.Mixed, after: t.Mixed = id, resume: unknown = { id: 'seq', after: 'after' }): AnyMethod =>
  serverStream({
    input: input(after),
    output: t.strict({ seq: id, text: t.string, note: t.union([t.string, t.undefined]), tags: t.array(t.string) }),
    resume,
  } as never)
const resuming = (method: AnyMethod): Resumption =>
  resumption(contract('a.A', { watch: method }).methods.watch) ?? expect.unreachable()

describe('a stream that can be resumed', () => {
  it('given ids that are numbers, texts or written by hand, when an item comes, then its id is text, and the input takes it back', () => {
    for (const [codec, on, text, value] of [
      [t.number, 7, '7', 7],
      [t.string, 'a b', 'a b', 'a b'],
      [Day, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', new Date('2026-01-02T03:04:05.000Z')],
    ] as const) {
      const { idOf, after, next } = resuming(watching(codec))
      expect(idOf({ seq: on, text: '' })).toBe(text)
      expect(after({ of: 'x', after: 'before' }, text)).toEqual({ of: 'x', after: on })
      expect(next({ of: 'x' }, { seq: value })).toEqual({ of: 'x', after: value })
    }
  })

  it('given an input that is none, when it shall begin after an id, then it is left to the codec to refuse', () => {
    const { after } = resuming(watching(t.number))
    for (const raw of [undefined, null, 'text', [1]]) expect(after(raw, '7')).toBe(raw)
  })

  it('given an id that no header can carry, when an item comes, then a TypeError says what one is', () => {
    const { idOf } = resuming(watching(t.string))
    for (const seq of ['', ' a', 'a ', 'a\nb', 'a\0b', 'é', ':end', 'a'.repeat(1_025), undefined, {}])
      expect(() => idOf({ seq })).toThrow('"seq" is printable ASCII, 1 to 1024 characters, other than ":end"')
    expect(idOf({ seq: 'a'.repeat(1_024) })).toHaveLength(1_024)
  })

  it('given fields that cannot do it, when the contract is made, then a TypeError names them', () => {
    const told = (method: AnyMethod) => () => contract('a.A', { watch: method })
    const of = (id: string, after = 'after') => watching(t.string, t.string, { id, after })
    expect(told(of('none'))).toThrow('a.A.watch, resume.id: the output has no field "none" that is known')
    expect(told(of('toString'))).toThrow('the output has no field "toString" that is known')
    expect(told(of('seq', 'none'))).toThrow('a.A.watch, resume.after: the input has no field "none" that is known')
    expect(told(of('note'))).toThrow('resume.id: "note" of the output must be required')
    expect(told(of('seq', 'of'))).toThrow('resume.after: "of" of the input must be optional')
    expect(told(of('tags'))).toThrow('resume.id: a list is no id')
    expect(told(watching(t.strict({})))).toThrow('an object has no form as text: an id is text or a number')
    expect(told(watching(t.number, t.string))).toThrow(
      '"seq" of the output and "after" of the input differ on the wire',
    )
    const opaque = serverStream({ input: t.unknown, output: t.unknown, resume: { id: 'a', after: 'b' } as never })
    expect(told(opaque)).toThrow('the output has no field "a" that is known')
  })

  it('given a method that does not offer it, then there is nothing to resume by', () => {
    const { methods } = contract('a.A', { watch: serverStream({ input: t.strict({}), output: t.string }) })
    expect(resumption(methods.watch)).toBeUndefined()
  })
})
