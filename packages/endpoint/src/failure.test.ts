import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  cancelled,
  codes,
  type Defect,
  deadlineExceeded,
  defect,
  type Failure,
  isCode,
  isDefect,
  isFailure,
  isInfrastructure,
  matchFailure,
} from './index.ts'

interface OutOfStock extends Failure<'OutOfStock', 'failed_precondition'> {
  readonly sku: string
}
const outOfStock: OutOfStock = { _tag: 'OutOfStock', code: 'failed_precondition', message: 'none left', sku: 'oak' }

describe('codes', () => {
  it('are the sixteen of gRPC, with its numbers 1 to 16, each with a meaning', () => {
    expect(
      Object.values(codes)
        .map((c) => c.number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
    for (const { meaning } of Object.values(codes)) expect(meaning.length).toBeGreaterThan(10)
    expect([codes.invalid_argument.number, codes.unauthenticated.number, codes.unavailable.number]).toEqual([3, 16, 14])
  })

  it('six of them speak of the way and not of the business', () => {
    expect(
      Object.keys(codes)
        .filter((code) => codes[code as 'internal'].infrastructure)
        .sort(),
    ).toEqual([
      'deadline_exceeded',
      'internal',
      'permission_denied',
      'resource_exhausted',
      'unauthenticated',
      'unavailable',
    ])
    expect([outOfStock, deadlineExceeded(), cancelled(), defect(1)].map((f) => isInfrastructure(f))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})

describe('guards', () => {
  it('tell a failure from what is none', () => {
    expect([outOfStock, defect('x')].every(isFailure)).toBe(true)
    for (const none of [
      null,
      undefined,
      'x',
      {},
      { _tag: 'A', code: 'a', message: '' },
      { ...outOfStock, message: 1 },
      { ...outOfStock, code: 'toString' },
    ])
      expect(isFailure(none)).toBe(false)
    expect([isDefect(outOfStock), isDefect(defect(1)), isCode('aborted'), isCode('constructor')]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('a Defect keeps its cause and never tells it in its message', () => {
    const cause = new Error('password=hunter2')
    expect(defect(cause).cause).toBe(cause)
    expect(defect(cause).message).not.toContain('hunter2')
  })
})

describe('matchFailure', () => {
  const tell = (failure: OutOfStock | Defect): string =>
    matchFailure(failure, { OutOfStock: (f) => `no ${f.sku}`, Defect: (f) => `bug ${String(f.cause)}` })

  it('chooses by tag', () => {
    expect([tell(outOfStock), tell(defect('x') as Defect)]).toEqual(['no oak', 'bug x'])
  })

  it('asks for every branch, that of Defect too', () => {
    // @ts-expect-error no branch for Defect
    matchFailure(outOfStock as OutOfStock | Defect, { OutOfStock: () => 1 })
    // @ts-expect-error a branch that nothing can reach
    matchFailure(outOfStock as OutOfStock, { OutOfStock: () => 1, Defect: () => 2, Other: () => 3 })
    expectTypeOf(matchFailure(outOfStock, { OutOfStock: () => 1, Defect: () => 2 })).toEqualTypeOf<number>()
  })

  it('given a tag that no branch has (from untyped code), then it says which', () => {
    expect(() =>
      matchFailure({ ...outOfStock, _tag: 'Else' } as never, { OutOfStock: () => 1, Defect: () => 2 } as never),
    ).toThrow('no branch for "Else"')
  })
})
