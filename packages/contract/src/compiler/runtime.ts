// What generated code calls. Everything it needs from outside is here or is a constant of its program.
import * as t from 'io-ts'
import { fits } from '../first-errors.ts'
import { isUnsafe } from '../guard.ts'
import { pathOf } from '../path.ts'
import { shapeOf } from '../shape.ts'
import { tidy } from '../tidy.ts'
import { arranged } from './arranged.ts'
import { doubt, wrong } from './signals.ts'

/** Is it no instance of a class? */
function isOrdinary(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A copy to change, as `t.intersection` makes it: it has no symbols. */
function copyByKeys(value: Readonly<Record<string, unknown>>): object | typeof doubt {
  if (!isOrdinary(value) || Object.hasOwn(value, '__proto__')) return doubt
  const made: Record<string, unknown> = {}
  for (const key in value) made[key] = value[key]
  return made
}

/** What of a value a strict codec keeps: itself when there is nothing else. */
function keep(value: Readonly<Record<string, unknown>>, kept: ReadonlySet<string>): unknown {
  const keys = Object.getOwnPropertyNames(value)
  if (keys.every((key) => kept.has(key))) return value
  const made: Record<string, unknown> = {}
  for (const key of keys) if (kept.has(key)) made[key] = value[key]
  return made
}

/** What an intersection makes of what its members answered: io-ts's own. */
const mergeAll = (t as unknown as { readonly mergeAll: (base: unknown, of: readonly unknown[]) => unknown }).mergeAll

/** Is there nothing in a foreign value that its codec does not know? It stands this deep. */
function isTidy(codec: t.Mixed, value: unknown, depth: number): boolean {
  const walk = {
    takes: fits,
    strip: false,
    foreign: true,
    path: pathOf,
    issues: [],
    steps: new Array<number>(depth).fill(0),
  }
  return tidy(shapeOf(codec), value, walk) === value && walk.issues.length === 0
}

const is = (member: t.Mixed, value: unknown): boolean => member.is(value)

/** A value of ours without what its codec does not know. */
const tidied = (codec: t.Mixed, value: unknown): unknown =>
  tidy(shapeOf(codec), value, { takes: is, strip: true, foreign: false, path: pathOf, issues: [], steps: [] })

/** By the names that generated code has for them. */
export const runtime: Readonly<Record<string, unknown>> = {
  wrong,
  doubt,
  append: t.appendContext,
  isOrdinary,
  copyByKeys,
  keep,
  mergeAll,
  isUnsafe,
  isTidy,
  tidied,
  arranged,
  isArray: Array.isArray,
  keysOf: Object.keys,
  namesOf: Object.getOwnPropertyNames,
  symbolsOf: Object.getOwnPropertySymbols,
  has: Object.prototype.hasOwnProperty,
  objects: Object.prototype,
  List: Array,
  map: Array.prototype.map,
  slice: Array.prototype.slice,
  every: Array.prototype.every,
}
