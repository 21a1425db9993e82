import { isFailure } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { failure } from './index.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const NotFound = failure('NotFound', 'not_found')

describe('a declared failure', () => {
  it('given its details, when it is made, then it is a plain record with tag, code, message and details', () => {
    expect(OutOfStock({ sku: 'oak' })).toEqual({
      _tag: 'OutOfStock',
      code: 'failed_precondition',
      message: 'out of stock',
      sku: 'oak',
    })
    expect(isFailure(NotFound())).toBe(true)
  })

  it('given a message, when it is made, then that is its message; without one it is the tag in words', () => {
    expect(OutOfStock({ sku: 'oak', message: 'the last one is gone' }).message).toBe('the last one is gone')
    expect(NotFound({ message: 'no such order' })).toMatchObject({ _tag: 'NotFound', message: 'no such order' })
    const messages = ['HTTPGone', 'X', 'Rate_limited', 'V2Gone'].map((tag) => failure(tag, 'aborted')().message)
    expect(messages).toEqual(['http gone', 'x', 'rate limited', 'v2 gone'])
  })

  it('given details that claim to be tag or code, when it is made, then they do not win', () => {
    const forged = { sku: 'oak', _tag: 'NotFound', code: 'ok' }
    expect(OutOfStock(forged)).toMatchObject({ _tag: 'OutOfStock', code: 'failed_precondition' })
  })

  it('given any value, when it is guarded, then only tag, code and details together make it one', () => {
    expect(OutOfStock.is(OutOfStock({ sku: 'oak' }))).toBe(true)
    expect(OutOfStock.is(NotFound())).toBe(false)
    expect(OutOfStock.is({ ...OutOfStock({ sku: 'oak' }), sku: 1 })).toBe(false)
    expect(OutOfStock.is({ ...OutOfStock({ sku: 'oak' }), code: 'aborted' })).toBe(false)
    expect([null, undefined, 'OutOfStock', {}, []].some((value) => OutOfStock.is(value))).toBe(false)
  })

  it('given something that cannot work, when it is declared, then a TypeError says what', () => {
    const bad =
      (...args: readonly unknown[]) =>
      () =>
        (failure as (...all: readonly unknown[]) => unknown)(...args)
    expect(bad('out of stock', 'aborted')).toThrow('a tag is a name such as "OutOfStock" and not "out of stock"')
    expect(bad('Defect', 'internal')).toThrow('"Defect" is the tag of what nobody expected')
    expect(bad('X', 'teapot')).toThrow('failure X: "teapot" is none of the codes cancelled, unknown,')
    expect(bad('X', 'aborted', t.type({ code: t.string, message: t.string }))).toThrow(
      'failure X: a detail may not be named code, message',
    )
    expect(bad('X', 'aborted', t.union([t.type({ a: t.string }), t.partial({ _tag: t.string })]))).toThrow(
      'a detail may not be named _tag',
    )
    expect(bad('X', 'aborted', t.array(t.string))).toThrow('failure X: details are an object')
  })
})
