import { ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { decoder } from './index.ts'

describe('a decoder', () => {
  const Order = t.strict({ sku: t.string, at: DateFromISOString })

  it('given a value that fits, then it is the decoded value, typed', () => {
    const decoded = decoder(Order)({ sku: 'oak', at: '2026-01-02T00:00:00.000Z' })
    expect(decoded).toEqual(ok({ sku: 'oak', at: new Date('2026-01-02T00:00:00.000Z') }))
    if (decoded._tag === 'Right') expectTypeOf(decoded.right).toEqualTypeOf<{ sku: string; at: Date }>()
  })

  it('given a value that does not fit, then InvalidArgument names each wrong field', () => {
    expect(decoder(Order)({ sku: 7, at: 'never', x: 1 })).toEqual({
      _tag: 'Left',
      left: {
        _tag: 'InvalidArgument',
        code: 'invalid_argument',
        message: 'sku: expected string, got number (and 2 more)',
        issues: [
          { path: 'sku', expected: 'string', actual: 'number' },
          { path: 'at', expected: 'DateFromISOString', actual: 'string' },
          { path: 'x', expected: 'no such field', actual: 'number' },
        ],
      },
    })
  })

  it('given unknown keys, when they are stripped, then they are gone', () => {
    const lax = decoder(t.partial({ s: t.string }), { unknownKeys: 'strip' })
    expect(lax({ s: 'a', x: 1 })).toEqual(ok({ s: 'a' }))
    expect(lax({})).toEqual(ok({}))
    expect(lax([])._tag).toBe('Left')
  })

  it('given a rule that is none, then a TypeError says so', () => {
    expect(() => decoder(t.string, { unknownKeys: 'keep' as never })).toThrow(
      'decoder: unknownKeys is "refuse" or "strip" and not keep',
    )
  })
})
