import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Eviction, type Keyed, keyed } from './keyed.ts'

const letters = 'abcdefghijkl'
const ops = fc.array(
  fc.record({
    wait: fc.oneof({ weight: 6, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(300) }),
    key: fc.constantFrom(...letters),
    op: fc.oneof(
      { weight: 8, arbitrary: fc.constant('get' as const) },
      { weight: 1, arbitrary: fc.constantFrom('peek' as const, 'delete' as const) },
    ),
  }),
  { minLength: 30, maxLength: 150 },
)
const lifetimes = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 500, max: 5_000 }))

describe('keyed against a list of uses', () => {
  it('given any accesses, when made, then the live entries are the last used ones that are not idle', () => {
    fc.assert(
      fc.property(ops, fc.integer({ min: 1, max: 14 }), lifetimes, (all, max, idle) => {
        const clock = virtualClock()
        let made = 0
        const tested = keyed({ make: () => ++made, max, idle, clock })
        // From the oldest use to the newest.
        let model: { key: string; state: number; used: number }[] = []
        let states = 0
        for (const { wait, key, op } of all) {
          clock.advanceSync(wait)
          const now = clock.now()
          model = model.filter((entry) => now - entry.used < idle)
          const found = model.find((entry) => entry.key === key)
          if (op === 'peek') {
            expect(tested.peek(key)).toBe(found?.state)
          } else if (op === 'delete') {
            const stored = tested.delete(key)
            if (found !== undefined) expect(stored).toBe(true)
            model = model.filter((entry) => entry.key !== key)
          } else {
            const state = found?.state ?? ++states
            model = [...model.filter((entry) => entry.key !== key), { key, state, used: now }].slice(-max)
            expect(tested.get(key)).toBe(state)
            // A dozen keys are fewer than one sweep looks at, so each `get` leaves only live entries.
            expect(tested.size).toBe(model.length)
          }
          expect(tested.size).toBeLessThanOrEqual(max)
          expect(new Map(tested)).toEqual(new Map(model.map((entry) => [entry.key, entry.state])))
        }
      }),
    )
  })

  it('given fewer than 16 protected entries, when any others come and go, then no protected one is ever lost', () => {
    const keys = fc.array(fc.record({ key: fc.nat(200), wait: fc.nat(50) }), { minLength: 50, maxLength: 300 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 15 }), (all, protect) => {
        const clock = virtualClock()
        const lost: number[] = []
        const tested = keyed({
          make: (key: number) => ({ open: key < 0 }),
          max: protect + 3,
          idle: 100,
          keep: (state) => state.open,
          onEvict: (key) => lost.push(key),
          clock,
        })
        const first = Array.from({ length: protect }, (_, i) => tested.get(-1 - i))
        for (const { key, wait } of all) {
          clock.advanceSync(wait)
          tested.get(key)
          expect(tested.size).toBeLessThanOrEqual(protect + 3)
        }
        expect(lost.filter((key) => key < 0)).toEqual([])
        expect(first.map((_, i) => tested.peek(-1 - i))).toEqual(first)
      }),
    )
  })
})

describe('keyed', () => {
  const told = (): { evicted: [string, Eviction][]; onEvict: (key: string, state: unknown, why: Eviction) => void } => {
    const evicted: [string, Eviction][] = []
    return { evicted, onEvict: (key, _, why) => void evicted.push([key, why]) }
  }

  it('given a key that was asked for, when asked for again, then it is the same state and make ran once', () => {
    const made: string[] = []
    const tested = keyed({
      make: (key) => {
        made.push(key)
        return { key }
      },
      clock: virtualClock(),
    })
    expect(tested.get('a')).toBe(tested.get('a'))
    expect(made).toEqual(['a'])
    expect(tested.peek('b')).toBeUndefined()
    expect(tested.size).toBe(1)
  })

  it('given it is full, when a new key comes, then the least recently used goes and onEvict hears why', () => {
    const { evicted, onEvict } = told()
    const tested = keyed({ make: (key) => key, max: 2, onEvict, clock: virtualClock() })
    tested.get('a')
    tested.get('b')
    tested.get('a')
    tested.peek('b')
    tested.get('c')
    expect(evicted).toEqual([['b', 'full']])
    expect([...tested].map(([key]) => key)).toEqual(['a', 'c'])
  })

  it('given an idle entry, when any key is asked for, then it is swept out, and not before its time', () => {
    const { evicted, onEvict } = told()
    const clock = virtualClock()
    const tested = keyed({ make: (key) => key, onEvict, clock })
    tested.get('a')
    clock.advanceSync(599_999)
    tested.get('b')
    expect(tested.peek('a')).toBe('a')
    clock.advanceSync(1)
    expect(tested.peek('a')).toBeUndefined()
    expect(tested.size).toBe(2)
    tested.get('b')
    expect(evicted).toEqual([['a', 'idle']])
    expect(tested.size).toBe(1)
  })

  it('given ten thousand idle entries, when keys are asked for, then no call sweeps more than 16, and each call some', () => {
    const { evicted, onEvict } = told()
    const clock = virtualClock()
    const tested = keyed({ make: () => ({}), onEvict, clock })
    for (let i = 0; i < 10_000; i++) tested.get(`${i}`)
    clock.advanceSync(600_000)
    const old = tested.peek('9999', 0)
    expect([...tested]).toEqual([])
    for (let call = 1; call <= 625; call++) {
      tested.get('new')
      expect(evicted.length).toBe(call * 16)
    }
    expect(tested.size).toBe(1)
    expect(old).toBeDefined()
  })

  it('given an idle entry that no sweep has reached, when it is asked for, then it is made anew', () => {
    const { evicted, onEvict } = told()
    const clock = virtualClock()
    const tested = keyed({ make: () => ({}), onEvict, clock })
    for (let i = 0; i < 100; i++) tested.get(`${i}`)
    const old = tested.get('99')
    clock.advanceSync(600_000)
    expect(tested.get('99')).not.toBe(old)
    expect(evicted.at(-1)).toEqual(['99', 'idle'])
    expect(evicted.length).toBe(17)
  })

  it('given a protected entry, when idle, then it stays and is looked at again one idle time later', () => {
    let asked = 0
    let open = true
    const clock = virtualClock()
    const { evicted, onEvict } = told()
    const keep = (_: unknown, key: string): boolean => {
      asked++
      return key === 'open' && open
    }
    const tested = keyed({ make: () => ({}), idle: 100, keep, onEvict, clock })
    const state = tested.get('open')
    clock.advanceSync(100)
    for (let i = 0; i < 50; i++) tested.get('other')
    expect(asked).toBe(1)
    open = false
    clock.advanceSync(99)
    tested.get('other')
    expect(tested.peek('open')).toBe(state)
    clock.advanceSync(1)
    tested.get('other')
    expect(evicted).toEqual([['open', 'idle']])
  })

  it('given a protected entry idle beyond its time, when asked for, then it is still the same state', () => {
    const clock = virtualClock()
    const tested = keyed({ make: () => ({}), idle: 100, keep: () => true, clock })
    const state = tested.get('a')
    clock.advanceSync(1_000)
    expect(tested.peek('a')).toBe(state)
    expect([...tested]).toEqual([['a', state]])
    expect(tested.get('a')).toBe(state)
  })

  it.each([3, 16, 40])(
    'given all of %d entries are protected, when a new key comes, then the bound holds and the oldest goes',
    (max) => {
      const { evicted, onEvict } = told()
      const tested = keyed({ make: () => ({}), max, keep: () => true, onEvict, clock: virtualClock() })
      for (let i = 0; i < max; i++) tested.get(`${i}`)
      tested.get('new')
      expect(tested.size).toBe(max)
      expect(evicted).toEqual([['0', 'full']])
    },
  )

  it('given make throws, when asked for, then the error comes through and nothing is stored', () => {
    const tested = keyed<string>({
      make: () => {
        throw new Error('no')
      },
    })
    expect(() => tested.get('a')).toThrow('no')
    expect(tested.size).toBe(0)
  })

  it('given make asks for its own key, when it did, then there is one entry and one state', () => {
    let depth = 0
    const tested: Keyed<object> = keyed<object>({
      make: () => (depth++ === 0 ? { outer: tested.get('a') } : {}),
      max: 1,
    })
    const state = tested.get('a')
    expect(state).toEqual({})
    expect(tested.get('a')).toBe(state)
    expect(tested.size).toBe(1)
  })

  it('given entries, when deleted or cleared, then they are gone without a word to onEvict', () => {
    const { evicted, onEvict } = told()
    const clock = virtualClock()
    const tested = keyed({ make: (key) => key, max: 3, onEvict, clock })
    for (const key of 'abc') tested.get(key)
    expect(tested.delete('b')).toBe(true)
    expect(tested.delete('b')).toBe(false)
    tested.get('d')
    expect([...tested].map(([key]) => key)).toEqual(['a', 'c', 'd'])
    tested.clear()
    expect(tested.size).toBe(0)
    expect(evicted).toEqual([])
    for (const key of 'xyz') tested.get(key)
    tested.get('w')
    expect(evicted).toEqual([['x', 'full']])
  })

  it('given an idle time of Infinity, when a year passes, then nothing is forgotten', () => {
    const clock = virtualClock()
    const tested = keyed({ make: () => ({}), idle: Number.POSITIVE_INFINITY, clock })
    const state = tested.get('a')
    clock.advanceSync(3.2e10)
    expect(tested.get('a')).toBe(state)
  })

  it('given the type of make, when made, then keys are strings unless make says otherwise', () => {
    expectTypeOf(keyed({ make: () => 1 })).toEqualTypeOf<Keyed<number, string>>()
    expectTypeOf(keyed({ make: (key: number) => [key] })).toEqualTypeOf<Keyed<number[], number>>()
    // @ts-expect-error keys are strings here
    expect(() => keyed({ make: () => 1 }).get(1)).not.toThrow()
  })

  it.each([
    [{ max: 0 }, RangeError, '"max" must be a whole number of at least 1 and of at most 16000000, but was 0'],
    [{ max: 1.5 }, RangeError, '"max"'],
    [{ idle: 0 }, RangeError, '"idle" must be a number above 0 (milliseconds), but was 0'],
    [{ idle: Number.NaN }, RangeError, '"idle"'],
    [{ make: undefined as never }, TypeError, '"make" must be a function, but was undefined'],
    [{ keep: true as never }, TypeError, '"keep"'],
    [{ onEvict: 'x' as never }, TypeError, '"onEvict" must be a function, but was "x"'],
  ])('given %o, when made, then it throws and names the option', (options, kind, message) => {
    expect(() => keyed({ make: () => 1, ...options })).toThrow(kind)
    expect(() => keyed({ make: () => 1, ...options })).toThrow(message)
  })
})
