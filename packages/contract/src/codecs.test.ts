import { cancelled, deadlineExceeded, defect, type Failure } from '@tenon/endpoint'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { describe, expect, it } from 'vitest'
import {
  codecs,
  contract,
  failure,
  invalidArgument,
  isCallFailed,
  remote,
  retryAfterOf,
  unary,
  unavailable,
  type WireFailure,
} from './index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.type({ sku: t.string, until: DateFromISOString }))
const NotFound = failure('NotFound', 'not_found')
const Busy = failure('Busy', 'unavailable', t.strict({ retryAfter: t.number }))
const Order = t.type({ id: t.string, at: DateFromISOString })
const Orders = contract('shop.v1.Orders', {
  get: unary({ input: t.strict({ id: t.string }), output: Order, failures: [OutOfStock, NotFound, Busy] }),
  lax: unary({ input: Order, output: Order, unknownKeys: { input: 'strip', output: 'refuse' } }),
})
const { get, lax } = Orders.methods
/** Across a wire of JSON. */
const across = (sent: Failure): Failure =>
  codecs(get).decodeFailure(JSON.parse(JSON.stringify(codecs(get).encodeFailure(sent))) as WireFailure)
const until = new Date('2026-01-02T00:00:00.000Z')

describe('the codecs of a method', () => {
  it('given a method, when its codecs are asked for twice, then they are the same object', () => {
    expect(codecs(get)).toBe(codecs(get))
    expect(codecs(get)).not.toBe(codecs(lax))
  })

  it('given a wrong input, when it is decoded, then it is InvalidArgument with the issues', () => {
    expect(codecs(get).decodeInput({ id: 'a' })).toEqual(E.right({ id: 'a' }))
    expect(codecs(get).decodeInput({ id: 1, x: 2 })).toEqual(
      E.left({
        _tag: 'InvalidArgument',
        code: 'invalid_argument',
        message: 'id: expected string, got number (and 1 more)',
        issues: [
          { path: 'id', expected: 'string', actual: 'number' },
          { path: 'x', expected: 'no such field', actual: 'number' },
        ],
      }),
    )
  })

  it('given a wrong answer, when it is decoded, then it is a Remote of code internal that says what does not fit', () => {
    const raw = { id: 'a', at: until.toISOString(), newer: true }
    expect(codecs(get).decodeOutput(raw)).toEqual(E.right({ id: 'a', at: until }))
    expect(codecs(get).decodeOutput({ ...raw, at: 5 })).toEqual(
      E.left({
        _tag: 'Remote',
        code: 'internal',
        tag: 'InvalidOutput',
        message: 'the answer does not fit: at: expected DateFromISOString, got number',
      }),
    )
  })

  it('given other rules for unknown keys, when it is decoded, then they hold', () => {
    const raw = { id: 'a', at: until.toISOString(), extra: 1 }
    expect(codecs(lax).decodeInput(raw)).toEqual(E.right({ id: 'a', at: until }))
    expect(E.isLeft(codecs(lax).decodeOutput(raw))).toBe(true)
  })
})

describe('failures across a wire', () => {
  it('given a declared failure, when it crosses, then it comes back typed, with its details and its message', () => {
    const sent = OutOfStock({ sku: 'oak', until, message: 'none left' })
    expect(codecs(get).encodeFailure(sent)).toEqual({
      code: 'failed_precondition',
      tag: 'OutOfStock',
      message: 'none left',
      details: { sku: 'oak', until: until.toISOString() },
    })
    expect(across(sent)).toEqual(sent)
    expect(codecs(get).encodeFailure(NotFound())).toStrictEqual({
      code: 'not_found',
      tag: 'NotFound',
      message: 'not found',
    })
    expect(across(NotFound())).toEqual(NotFound())
    expect(across(Busy({ retryAfter: 20 }))).toEqual(Busy({ retryAfter: 20 }))
  })

  it('given more in a failure than it declares, when it crosses, then the rest stays here', () => {
    const wire = codecs(get).encodeFailure({ ...OutOfStock({ sku: 'oak', until }), query: 'select *' } as Failure)
    expect(wire.details).toEqual({ sku: 'oak', until: until.toISOString() })
  })

  it('given an undeclared business failure, when it crosses, then it comes back as Remote, without its details', () => {
    const CardRefused = failure('CardRefused', 'failed_precondition', t.strict({ card: t.string }))
    const sent = CardRefused({ card: '4111', message: 'the bank said no' })
    expect(JSON.stringify(codecs(get).encodeFailure(sent))).not.toContain('4111')
    expect(across(sent)).toEqual(
      remote({ tag: 'CardRefused', code: 'failed_precondition', message: 'the bank said no' }),
    )
  })

  it('given a Defect, when it crosses, then only its code does', () => {
    const leaky = { ...defect(new Error('password is hunter2')), message: 'password is hunter2' }
    expect(codecs(get).encodeFailure(leaky)).toEqual({
      code: 'internal',
      tag: 'Defect',
      message: 'something unexpected happened',
    })
    expect(across(leaky)).toEqual(remote({ tag: 'Defect', code: 'internal', message: 'something unexpected happened' }))
  })

  it('given one that any call may end in, when it crosses, then it comes back as what it is', () => {
    const issues = [{ path: 'id', expected: 'string', actual: 'number' }]
    for (const sent of [
      unavailable('restarting'),
      unavailable('restarting', { retryAfter: 1_500 }),
      deadlineExceeded('too slow'),
      cancelled('gone'),
      invalidArgument(issues),
    ]) {
      expect(across(sent)).toEqual(sent)
      expect(isCallFailed(across(sent))).toBe(true)
    }
  })

  it('given a failure of the way that says when to come back, when it crosses, then it still does', () => {
    const open = { _tag: 'CircuitOpen', code: 'unavailable', message: 'open', retryAfter: 3_000, inside: 'x' } as const
    const back = across(open)
    expect(back).toEqual(remote({ tag: 'CircuitOpen', code: 'unavailable', message: 'open', retryAfter: 3_000 }))
    expect(retryAfterOf(back)).toBe(3_000)
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5'])
      expect(across({ ...open, retryAfter: bad } as Failure)).not.toHaveProperty('retryAfter')
  })

  it('given a Remote of a further hop, when it crosses, then its tag is the one it had there', () => {
    expect(across(remote({ tag: 'CardRefused', code: 'aborted', message: 'no' }))).toEqual(
      remote({ tag: 'CardRefused', code: 'aborted', message: 'no' }),
    )
  })

  it('given an undeclared failure with the tag of a declared one, when it crosses, then it is not taken for it', () => {
    const impostors: readonly Failure[] = [
      remote({ tag: 'NotFound', code: 'not_found', message: 'elsewhere' }),
      { _tag: 'NotFound', code: 'aborted', message: 'elsewhere' },
      { ...OutOfStock({ sku: 'oak', until }), sku: 5 } as unknown as Failure,
    ]
    for (const sent of impostors)
      expect(across(sent)).toMatchObject({ _tag: 'Remote', tag: sent.code, code: sent.code })
  })

  it('given a wire that nobody of ours wrote, when it is decoded, then it is a sound failure', () => {
    const decode = (wire: unknown) => codecs(get).decodeFailure(wire as WireFailure)
    expect(decode({ code: 'not_found' })).toEqual(remote({ code: 'not_found' }))
    expect(decode({ code: 'teapot', tag: 5, message: null })).toEqual(remote({ code: 'unknown' }))
    expect(decode({ code: 'unavailable' })).toEqual(unavailable())
    expect(decode({ code: 'deadline_exceeded' })).toEqual(deadlineExceeded())
    expect(decode({ code: 'cancelled', message: '' })).toEqual(cancelled())
    expect(decode({ code: 'invalid_argument', message: 'bad', details: { issues: [null, 'x', { path: 1 }] } })).toEqual(
      {
        ...invalidArgument([]),
        message: 'bad',
      },
    )
    expect(decode({ code: 'not_found', tag: 'NotFound', message: 'no' })).toEqual(NotFound({ message: 'no' }))
  })

  it('given details of another version, when they are decoded, then new ones are dropped and unfit ones make a Remote', () => {
    const wire = { code: 'failed_precondition', tag: 'OutOfStock', message: 'm' } as const
    const details = { sku: 'oak', until: until.toISOString() }
    expect(codecs(get).decodeFailure({ ...wire, details: { ...details, since: 'v2' } })).toEqual(
      OutOfStock({ sku: 'oak', until, message: 'm' }),
    )
    expect(codecs(get).decodeFailure({ ...wire, details: { sku: 5 } })).toEqual(
      remote({ code: 'failed_precondition', tag: 'OutOfStock', message: 'm' }),
    )
    expect(codecs(get).decodeFailure({ ...wire, code: 'aborted', details })).toMatchObject({
      _tag: 'Remote',
      code: 'aborted',
    })
  })
})
