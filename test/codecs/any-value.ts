// What may come instead of a good value: nearly right, of another kind altogether, or made to deceive.
import fc from 'fast-check'

type Row = Record<PropertyKey, unknown>

/** Anything that JavaScript has. */
export const wild: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    maxDepth: 2,
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  fc.constantFrom<unknown>(undefined, null, Number.NaN, -0, '', 'a', 1, true, Symbol.iterator, Object, {}, []),
)

/** What every reader of it throws. */
class Trap extends Error {}
export const trap = new Trap('do not touch')
const throws = (): never => {
  throw trap
}

const isContainer = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && (Array.isArray(value) || isDictionary(value))

const isDictionary = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null

const copyOf = (value: Row): Row => (Array.isArray(value) ? (value.slice() as never) : { ...value })

interface Harm {
  /** Which of the keys on the way down; where it ends, harm is done. */
  readonly path: readonly number[]
  readonly what: string
  readonly other: unknown
  readonly number: number
}

type Do = (row: Row, key: string, harm: Harm) => unknown

const set = (row: Row, key: string, value: unknown): Row => {
  Object.defineProperty(row, key, { value, enumerable: true, configurable: true, writable: true })
  return row
}

const proxied = (row: Row, trapped?: keyof ProxyHandler<Row>): Row =>
  new Proxy(row, trapped === undefined ? {} : { [trapped]: throws })

/** It throws when it is asked something that io-ts may ask more often than compiled code does. */
const shy = 'proxy that hides something'
const traps = ['has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'] as const

class Instance {}

const bare: ReadonlySet<string> = new Set(['no prototype', 'inherited getter', 'instance'])

/** One way or another to spoil an object or an array. */
const harms: Readonly<Record<string, Do>> = {
  replace: (row, key, { other }) => set(row, key, other),
  remove: (row, key) => {
    delete row[key]
    return row
  },
  add: (row, _key, { other, number }) =>
    set(row, ['z', 'a', '2', 'toString', '__proto__'][number % 5] as string, other),
  undefine: (row, key) => set(row, key, undefined),
  getter: (row, key) => {
    const value = row[key]
    return Object.defineProperty(row, key, { get: () => value, enumerable: true, configurable: true })
  },
  'throwing getter': (row, key) =>
    Object.defineProperty(row, key, { get: throws, enumerable: true, configurable: true }),
  proxy: (row) => proxied(row),
  'unreadable proxy': (row) => proxied(row, 'get'),
  [shy]: (row, _key, { number }) => proxied(row, traps[number % traps.length]),
  'no prototype': (row) => Object.setPrototypeOf(row, null),
  instance: (row) =>
    Object.setPrototypeOf(row, Array.isArray(row) ? class extends Array {}.prototype : Instance.prototype),
  'inherited getter': (row, key) => {
    const value = row[key]
    delete row[key]
    return Object.setPrototypeOf(
      row,
      Object.create(Object.prototype, { [key]: { get: () => value, enumerable: false } }),
    )
  },
  inherited: (row) => Object.create(row),
  freeze: (row) => Object.freeze(row),
  symbol: (row, _key, { other }) => {
    row[Symbol.for('extra')] = other
    return row
  },
  cycle: (row, key) => set(row, key, row),
  reverse: (row) => (Array.isArray(row) ? row : Object.fromEntries(Object.entries(row).reverse())),
  box: (row, key) => set(row, key, Object(row[key])),
  long: (row) => {
    if (Array.isArray(row)) row.length += 3
    return row
  },
  many: (row) => {
    const more = Array.from({ length: 220 }, (_, at) => Object.values(row)[at % Object.keys(row).length])
    if (Array.isArray(row)) row.push(...more)
    else for (const [at, item] of more.entries()) row[`n${at}`] = item
    return row
  },
  'property of an array': (row, _key, { other, number }) => {
    if (Array.isArray(row)) row[['map', 'every', 'slice', 'constructor', 'x'][number % 5] as never] = other as never
    return row
  },
}

/** Ways to have a key that is not enumerable. */
const hidings: Readonly<Record<string, Do>> = {
  'hide a key': (row, key) => Object.defineProperty(row, key, { enumerable: false }),
  'hide another': (row, _key, { other }) => Object.defineProperty(row, 'hidden', { value: other, configurable: true }),
}

function harmed(value: unknown, harm: Harm, step = 0): unknown {
  if (!isContainer(value)) return step === 0 ? harm.other : value
  const keys = Object.keys(value)
  const key = keys.length === 0 ? 'a' : (keys[(harm.path[step] ?? 0) % keys.length] as string)
  const copy = copyOf(value)
  if (step < harm.path.length - 1 && isContainer(value[key])) return set(copy, key, harmed(value[key], harm, step + 1))
  return ((harms[harm.what] ?? hidings[harm.what]) as Do)(copy, key, harm)
}

/** What was spoilt before may not let itself be spoilt again. */
function spoil(value: unknown, each: Harm): unknown {
  try {
    return harmed(value, each)
  } catch {
    return value
  }
}

const harm = (of: Readonly<Record<string, Do>>): fc.Arbitrary<Harm> =>
  fc.record({
    path: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
    what: fc.constantFrom(...Object.keys(of)),
    other: wild,
    number: fc.nat(9),
  })

/** A value that is made when it is asked for: who only carries it must not touch it. */
export interface Supply {
  readonly make: () => unknown
  /** May io-ts throw what compiled code, which asks less, has no cause to throw? */
  readonly shy: boolean
  /** May it be an array without what arrays have? */
  readonly bare: boolean
  readonly [fc.toStringMethod]: () => string
}

const supply = (value: unknown, all: readonly Harm[]): Supply => ({
  make: () => all.reduce(spoil, value),
  shy: all.some(({ what }) => what === shy),
  bare: all.some(({ what }) => bare.has(what)),
  [fc.toStringMethod]: () => `${fc.stringify(value)} ${all.map(({ what, path }) => `${what} ${path}`).join(', ')}`,
})

/** Good values, spoilt ones, and any at all. */
export const anyValue = (good: fc.Arbitrary<unknown>): fc.Arbitrary<Supply> =>
  fc.oneof(
    { arbitrary: good.map((value) => supply(value, [])), weight: 4 },
    {
      arbitrary: fc
        .tuple(good, fc.array(harm(harms), { minLength: 1, maxLength: 2 }))
        .map(([value, all]) => supply(value, all)),
      weight: 5,
    },
    { arbitrary: wild.map((value) => supply(value, [])), weight: 1 },
  )

/** Good values with a key that is hidden. */
export const hidingValue = (good: fc.Arbitrary<unknown>): fc.Arbitrary<Supply> =>
  fc.tuple(good, harm(hidings)).map(([value, one]) => supply(value, [one]))
