// What breaks between two versions of a contract, and who feels it.
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { annotate } from '../annotate.ts'
import { type AnyContract, contract } from '../contract.ts'
import { failure } from '../declared.ts'
import { event, type MethodShape, serverStream, unary } from '../method.ts'
import { type CompatOptions, compat } from './compat.ts'
import { printCompat } from './print.ts'
import { snapshot } from './snapshot.ts'

type Shape = Omit<Partial<MethodShape<unknown, unknown>>, 'input' | 'output'> & {
  readonly input?: t.Mixed
  readonly output?: t.Mixed
}
const Shop = (m: Shape): AnyContract => {
  const shape = { input: t.strict({}), output: t.strict({}), ...m, http: 'POST /do' } as const
  return contract('Shop', { do: unary(shape as unknown as MethodShape<unknown, unknown>) })
}

/** `path change who`, of all that breaks in any order. */
function told(old: AnyContract, next: AnyContract, options: CompatOptions = { deploy: 'any order' }): string[] {
  return compat(old, next, options).breaks.map(({ path, change, breaks }) => `${path} ${change}, ${breaks}`)
}
const ofInput = (old: t.Mixed, next: t.Mixed): string[] => told(Shop({ input: old }), Shop({ input: next }))
const ofOutput = (old: t.Mixed, next: t.Mixed): string[] => told(Shop({ output: old }), Shop({ output: next }))

const A = t.strict({ a: t.string })
const AB = t.strict({ a: t.string, b: t.number })
const AOptB = t.intersection([A, t.partial({ b: t.number })])

describe('compat: fields', () => {
  it('given the same contract, when compared, then nothing breaks', () => {
    for (const codec of [A, AB, AOptB, t.array(AB), t.union([A, t.null]), t.Int, t.unknown, t.void])
      expect([...(codec === t.Int ? [] : ofInput(codec, codec)), ...ofOutput(codec, codec)]).toEqual([])
  })

  it('given an optional field more, when servers go first, then it is fine; new clients send it to old servers in vain', () => {
    expect(compat(Shop({ input: A, output: A }), Shop({ input: AOptB, output: AOptB })).compatible).toBe(true)
    expect(ofInput(A, AOptB)).toEqual(['Shop/do.input.b added, new clients'])
    expect(ofOutput(A, AOptB)).toEqual([])
    const lenient = { unknownKeys: { input: 'strip' } } as const
    expect(told(Shop({ input: A, ...lenient }), Shop({ input: AOptB, ...lenient }))).toEqual([])
  })

  it('given a required field more, when it is in the input, then old clients break; in the output, new ones', () => {
    expect(ofInput(A, AB)).toEqual(['Shop/do.input.b required, old clients', 'Shop/do.input.b added, new clients'])
    expect(ofOutput(A, AB)).toEqual(['Shop/do.output.b required, new clients'])
  })

  it('given a field less, when it is in the input, then both break; in the output, those who need it', () => {
    expect(ofInput(AB, A)).toEqual(['Shop/do.input.b removed, old clients', 'Shop/do.input.b removed, new clients'])
    expect(ofOutput(AB, A)).toEqual(['Shop/do.output.b removed, old clients'])
    expect(ofOutput(AOptB, A)).toEqual([])
  })

  it('given a field that becomes required or optional, when compared, then whoever may miss it breaks', () => {
    expect(ofInput(AOptB, AB)).toEqual(['Shop/do.input.b required, old clients'])
    expect(ofInput(AB, AOptB)).toEqual(['Shop/do.input.b optional, new clients'])
    expect(ofOutput(AB, AOptB)).toEqual(['Shop/do.output.b optional, old clients'])
    expect(ofOutput(AOptB, AB)).toEqual(['Shop/do.output.b required, new clients'])
  })

  it('given another name for a field, when compared, then it is renamed and both versions are told apart', () => {
    const { breaks } = compat(Shop({ input: AB }), Shop({ input: t.strict({ a: t.string, count: t.number }) }))
    expect(breaks).toEqual([
      {
        path: 'Shop/do.input.b',
        change: 'renamed',
        breaks: 'old clients',
        message: 'the old version writes b, the new one reads count',
      },
    ])
  })

  it('given another type deep inside, when compared, then its path is told', () => {
    const codec = (of: t.Mixed): t.Mixed => t.strict({ items: t.array(t.strict({ p: t.tuple([of, t.string]) })) })
    expect(ofOutput(codec(t.string), codec(t.number))).toEqual([
      'Shop/do.output.items[].p[0] type changed, old clients',
      'Shop/do.output.items[].p[0] type changed, new clients',
    ])
    expect(ofOutput(t.record(t.string, t.string), t.record(t.string, t.null))).toEqual([
      'Shop/do.output.* type changed, old clients',
      'Shop/do.output.* type changed, new clients',
    ])
  })
})

describe('compat: values', () => {
  it('given a value of an enum less or more, when compared, then who still writes it breaks the other', () => {
    const Small = t.strict({ s: t.keyof({ a: 0, b: 0 }) })
    const Large = t.strict({ s: t.keyof({ a: 0, b: 0, c: 0 }) })
    expect(ofInput(Large, Small)).toEqual(['Shop/do.input.s value removed, old clients'])
    expect(ofInput(Small, Large)).toEqual(['Shop/do.input.s value added, new clients'])
    expect(ofOutput(Large, Small)).toEqual(['Shop/do.output.s value removed, new clients'])
    expect(ofOutput(Small, Large)).toEqual(['Shop/do.output.s value added, old clients'])
    expect(compat(Shop({ output: Small }), Shop({ output: Large })).breaks[0]?.message).toBe(
      'the new version writes "c", the old one takes "a" | "b"',
    )
  })

  it('given a narrower number, when it is what is read, then it breaks who writes more', () => {
    const of = (n: t.Mixed): t.Mixed => t.strict({ n })
    expect(ofInput(of(t.number), of(t.Int))).toEqual(['Shop/do.input.n narrowed, old clients'])
    expect(ofInput(of(t.Int), of(t.number))).toEqual(['Shop/do.input.n widened, new clients'])
    expect(ofOutput(of(t.Int), of(t.number))).toEqual(['Shop/do.output.n widened, old clients'])
    expect(ofInput(of(t.literal('x')), of(t.string))).toEqual(['Shop/do.input.n type changed, new clients'])
    expect(ofInput(of(t.boolean), of(t.union([t.literal(true), t.literal(false)])))).toEqual([])
  })

  it('given a member of a tagged union more, when it is in the output, then old clients break', () => {
    const One = t.strict({ k: t.literal('one'), v: t.string })
    const Two = t.strict({ k: t.literal('two'), v: t.number })
    expect(ofOutput(One, t.union([One, Two]))).toEqual([
      'Shop/do.output.k value added, old clients',
      'Shop/do.output.v type changed, old clients',
    ])
    expect(ofInput(t.union([One, Two]), t.union([Two, One]))).toEqual([])
  })

  it('given recursions, when they differ somewhere inside, then that is found once', () => {
    const Tree = (v: t.Mixed): t.Mixed =>
      t.recursion('Tree', (self) => t.strict({ v, sons: t.array(t.strict({ son: self })) }))
    expect(ofOutput(Tree(t.string), Tree(t.string))).toEqual([])
    expect(ofOutput(Tree(t.string), Tree(t.union([t.string, t.null])))).toEqual([
      'Shop/do.output.v type changed, old clients',
    ])
  })

  it('given intersections of unions, when written otherwise, then they are the same', () => {
    const X = t.strict({ x: t.string })
    const Y = t.strict({ y: t.number })
    const one = t.intersection([t.union([X, Y]), A])
    const other = t.union([t.strict({ x: t.string, a: t.string }), t.strict({ y: t.number, a: t.string })])
    expect(ofInput(one, other)).toEqual([])
  })

  it('given a union whose first member swallows the second, when unknown keys are refused, then the reader refuses', () => {
    // A takes what is an AB but for b, which it then does not know.
    expect(ofInput(AB, t.union([A, AB]))).toContain('Shop/do.input.b removed, old clients')
    expect(ofInput(AB, t.union([AB, A]))).not.toContain('Shop/do.input.b removed, old clients')
  })

  it('given annotations and names, when only those differ, then nothing breaks', () => {
    const Named = annotate(t.type({ a: annotate(t.string, { description: 'x', schema: { maxLength: 3 } }) }), {
      title: 'T',
    })
    expect(ofInput(A, Named)).toEqual([])
    expect(snapshot(Shop({ input: A })).contracts).toEqual(snapshot(Shop({ input: t.type({ a: t.string }) })).contracts)
  })
})

describe('compat: methods', () => {
  const Empty = t.strict({})
  const Gone = failure('Gone', 'not_found', A)

  it('given a method or a contract less or more, when compared, then those who know it break', () => {
    const one = contract('Shop', { a: unary({ input: Empty, output: Empty }) })
    const two = contract('Shop', {
      a: unary({ input: Empty, output: Empty }),
      b: unary({ input: Empty, output: Empty }),
    })
    expect(told(two, one)).toEqual(['Shop/b removed, old clients'])
    expect(told(one, two)).toEqual(['Shop/b added, new clients'])
    expect(compat(one, two).compatible).toBe(true)
    const Other = contract('Other', {})
    expect(compat([one, Other], [one]).breaks).toMatchObject([{ path: 'Other', change: 'removed' }])
    const renamed = contract('Shop2', { a: unary({ input: Empty, output: Empty, http: 'POST /Shop/a' }) })
    expect(told(one, renamed)).toEqual(['Shop renamed, old clients', 'Shop renamed, new clients'])
  })

  it('given another kind of method, when compared, then both break', () => {
    const one = contract('Shop', { a: unary({ input: Empty, output: Empty }) })
    const two = contract('Shop', { a: serverStream({ input: Empty, output: Empty }) })
    expect(told(one, two)).toEqual(['Shop/a type changed, old clients', 'Shop/a type changed, new clients'])
  })

  it('given a stream that can no longer be resumed, can be now, or otherwise, when compared, then whoever goes on by ids breaks', () => {
    const input = t.partial({ since: t.number, after: t.number })
    const stream = (after?: 'since' | 'after'): AnyContract =>
      contract('Shop', {
        do: serverStream({
          input,
          output: t.strict({ seq: t.number }),
          ...(after !== undefined && { resume: { id: 'seq', after } }),
        }),
      })
    expect(told(stream('since'), stream('since'))).toEqual([])
    expect(told(stream('since'), stream())).toEqual(['Shop/do resuming dropped, old clients'])
    expect(told(stream(), stream('since'))).toEqual(['Shop/do resuming added, new clients'])
    expect(told(stream('since'), stream('after'))).toEqual([
      'Shop/do resuming dropped, old clients',
      'Shop/do resuming added, new clients',
    ])
  })

  it('given failures added, removed, changed, when compared, then who reads them breaks', () => {
    const shop = (...failures: ReturnType<typeof failure>[]): AnyContract =>
      contract('Shop', { do: unary({ input: Empty, output: Empty, failures: failures as [] }) })
    const any = (f: unknown): ReturnType<typeof failure> => f as ReturnType<typeof failure>
    expect(told(shop(), shop(any(Gone)))).toEqual(['Shop/do.failures.Gone added, old clients'])
    expect(told(shop(any(Gone)), shop())).toEqual(['Shop/do.failures.Gone removed, new clients'])
    expect(told(shop(any(Gone)), shop(any(failure('Gone', 'aborted', A))))).toEqual([
      'Shop/do.failures.Gone type changed, old clients',
      'Shop/do.failures.Gone type changed, new clients',
    ])
    expect(told(shop(any(Gone)), shop(any(failure('Gone', 'not_found', AB))))).toEqual([
      'Shop/do.failures.Gone.b required, new clients',
    ])
    expect(told(shop(any(Gone)), shop(any(failure('Gone', 'not_found'))))).toEqual([
      'Shop/do.failures.Gone.a removed, old clients',
    ])
  })

  it('given promises that are taken back or given, when compared, then those who rely on them break', () => {
    expect(told(Shop({ idempotent: true }), Shop({}))).toEqual(['Shop/do idempotence dropped, old clients'])
    expect(told(Shop({}), Shop({ idempotent: true }))).toEqual(['Shop/do idempotence added, new clients'])
    expect(told(Shop({ unknownKeys: { input: 'strip' } }), Shop({}))).toEqual([
      'Shop/do.input unknown keys refused, old clients',
    ])
  })

  it('given an event, when its message changes, then both orders count, for events are kept', () => {
    const of = (message: t.Mixed): AnyContract =>
      contract('Shop', { placed: event({ message, unknownKeys: { input: 'strip' } }) })
    expect(told(of(A), of(AOptB), {})).toEqual([])
    expect(told(of(AB), of(A), {})).toEqual(['Shop/placed.input.b removed, old clients'])
    expect(told(of(A), of(AB), {})).toEqual(['Shop/placed.input.b required, new clients'])
  })
})

describe('compat: routes', () => {
  const Input = t.strict({ id: t.string, q: t.string })
  const at = (...http: Parameters<typeof route>): AnyContract => route(...http)
  function route(...http: readonly unknown[]): AnyContract {
    return contract('Shop', { do: unary({ input: Input, output: t.void, http: http as never }) })
  }

  it('given the same routes in other words, when compared, then nothing breaks', () => {
    expect(told(at('GET /do/{id}'), at({ route: 'GET /do/{id}', query: ['q'] }))).toEqual([])
    expect(told(at('GET /do/{id}'), at('GET /do/{id}', 'POST /do'))).toEqual([])
  })

  it('given a route less, or another one first, when compared, then those who use it break', () => {
    expect(told(at('POST /do', 'GET /do/{id}'), at('POST /do'))).toEqual([
      'Shop/do.http[GET /do/{}] route changed, old clients',
    ])
    expect(told(at('POST /do'), at('PUT /do', 'POST /do'))).toEqual([
      'Shop/do.http[PUT /do] route changed, new clients',
    ])
  })

  it('given a field in another place, when compared, then it is named', () => {
    const { breaks } = compat(at('POST /do/{id}'), at({ route: 'POST /do/{id}', headers: { q: 'x-q' } }))
    expect(breaks.map(({ message }) => message)).toEqual([
      'old clients send q in the body, new servers read it from the header x-q',
    ])
    const swapped = compat(at('PUT /do/{id}/{q}'), at('PUT /do/{q}/{id}'))
    expect(swapped.breaks.map(({ message }) => message)).toEqual([
      'old clients send id in placeholder 1 of the path, new servers read it from placeholder 2 of the path',
      'old clients send q in placeholder 2 of the path, new servers read it from placeholder 1 of the path',
    ])
    expect(told(at({ route: 'POST /do/{id}', body: 'q' }), at('POST /do/{id}'))).toHaveLength(2)
  })

  it('given a new field in a query, when compared, then the route is the same', () => {
    const old = contract('Shop', { do: unary({ input: A, output: t.void, http: 'GET /do' }) })
    const next = contract('Shop', { do: unary({ input: AOptB, output: t.void, http: 'GET /do' }) })
    expect(compat(old, next).compatible).toBe(true)
  })
})

describe('compat: what it says', () => {
  it('given a comparison, when printed, then one thing a line, and what breaks in another order', () => {
    expect(printCompat(compat(Shop({ input: A }), Shop({ input: AB })))).toBe(
      `1 thing breaks:
  Shop/do.input.b: required, breaks old clients: the old version may leave it out, the new one needs it
in another order of deployment 1 thing breaks more:
  Shop/do.input.b: added, breaks new clients: the new version writes it, the old one refuses it
`,
    )
    expect(printCompat(compat(Shop({}), Shop({})))).toBe('nothing breaks\n')
  })

  it('given snapshots as JSON, when compared, then as the contracts are', () => {
    const [old, next] = [Shop({ input: AOptB }), Shop({ input: AB })]
    const saved = JSON.parse(JSON.stringify(snapshot(old)))
    expect(compat(saved, next)).toEqual(compat(old, next))
  })

  it('given a bad option, when comparing, then it is named', () => {
    expect(() => compat(Shop({}), Shop({}), { deploy: 'never' as never })).toThrow(
      'deploy is one of servers first, clients first, any order and not "never"',
    )
  })
})
