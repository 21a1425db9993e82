// The contract that the interoperability tests speak: Tenon by this file, Go by the `.proto` that it prints.
import { annotate, contract, failure, handler, implement, unary } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { BigIntFromString } from 'io-ts-types/lib/BigIntFromString.js'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'

export const EmptyText = failure('EmptyText', 'invalid_argument', t.strict({ field: t.string }))
export const Quota = failure('Quota', 'resource_exhausted', t.strict({ retryAfter: t.number }))

/** A value of each kind, which the other side changes, so that it must have understood it. */
const Values = t.intersection([
  t.strict({
    text: t.string,
    whole: t.Int,
    big: BigIntFromString,
    ratio: t.number,
    flag: t.boolean,
    raw: annotate(t.string, { schema: { format: 'byte' } }),
    at: DateFromISOString,
    level: t.keyof({ low: null, high: null }),
    names: t.array(t.string),
    counts: t.record(t.string, t.Int),
    inner: t.strict({ text: t.string }),
  }),
  t.partial({ note: t.string }),
])
export type Values = t.TypeOf<typeof Values>

export const Strings = contract('interop.v1.Strings', {
  uppercase: unary({
    input: t.strict({ s: t.string }),
    output: t.strict({ v: t.string, requestId: t.string }),
    failures: [EmptyText, Quota],
    http: 'POST /uppercase',
  }),
  change: unary({ input: Values, output: Values, http: 'POST /change' }),
  slow: unary({
    input: t.strict({ sleepMs: t.Int }),
    output: t.strict({ hasDeadline: t.boolean, remainingMs: t.Int }),
    http: 'POST /slow',
  }),
})

/** One of each, with what 53 bits do not hold and what JSON escapes. */
export const values: Values = {
  text: 'grün, "日本" 🜁\n',
  whole: (2 ** 40) as t.Int,
  big: 2n ** 62n + 1n,
  ratio: 0.1,
  flag: true,
  raw: Buffer.from([0, 1, 254, 255]).toString('base64'),
  at: new Date('2026-02-28T23:59:59.999Z'),
  level: 'low',
  names: ['b', '', 'a'],
  counts: { one: 1 as t.Int, two: 2 as t.Int },
  inner: { text: 'deep' },
}

/** What both sides make of values. */
export const changed = ({ note, ...v }: Values): Values => ({
  ...v,
  text: v.text.toUpperCase(),
  whole: (v.whole + 1) as t.Int,
  big: v.big + 1n,
  ratio: v.ratio * 2,
  flag: !v.flag,
  raw: Buffer.from(v.raw, 'base64').reverse().toString('base64'),
  at: new Date(v.at.getTime() + 1),
  level: v.level === 'low' ? 'high' : 'low',
  names: [...v.names].reverse(),
  counts: Object.fromEntries(Object.entries(v.counts).map(([key, n]) => [key, (n + 1) as t.Int])),
  inner: { text: v.inner.text.toUpperCase() },
  ...(note !== undefined && { note: `${note}!` }),
})

/** The contract as JSON writes it, which is how values come from Go's clients and go to them. */
export const asJson = (v: Values): unknown => Strings.methods.change.input.encode(v)

/** The same, read again: Go writes a time with as many digits as it needs. */
export const fromJson = (json: unknown): unknown => Strings.methods.change.output.decode(json)

/** What happened to the slow method. */
export interface Slow {
  /** Resolves when a call begins, with the milliseconds that it has left. */
  readonly began: Promise<number>
  /** Resolves when its signal aborts. */
  readonly aborted: Promise<void>
}

const undeclared = { _tag: 'Nobody.Declares', code: 'aborted', message: 'undeclared' } as const

/** Tenon's side of it, as a server, and what is told of its slow method. */
export function strings(): { readonly impl: typeof impl; readonly slow: Slow } {
  const began = Promise.withResolvers<number>()
  const aborted = Promise.withResolvers<void>()
  const { uppercase, change, slow } = Strings.methods
  const impl = implement(Strings, {
    uppercase: handler(uppercase, async ({ s }, ctx) => {
      if (s === '') return fail(EmptyText({ field: 's' }))
      if (s === '!quota') return fail(Quota({ retryAfter: 3_000 }))
      if (s === '!other') return fail(undeclared as never)
      if (s === '!plain') throw new Error('plain failure')
      return ok({ v: s.toUpperCase(), requestId: ctx.metadata.get('x-request-id') ?? '' })
    }),
    change: handler(change, async (input) => ok(changed(input))),
    slow: handler(slow, async ({ sleepMs }, ctx) => {
      const remaining = ctx.deadline - performance.now()
      began.resolve(remaining)
      ctx.signal.addEventListener('abort', () => aborted.resolve())
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, sleepMs)
        ctx.signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      })
      return ok({ hasDeadline: ctx.deadline !== Number.POSITIVE_INFINITY, remainingMs: Math.round(remaining) as t.Int })
    }),
  })
  return { impl, slow: { began: began.promise, aborted: aborted.promise } }
}
