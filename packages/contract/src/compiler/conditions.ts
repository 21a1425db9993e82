// Conditions in generated code: when a value is not what a codec without parts takes.
import type { Leaf } from './node.ts'
import { type Program, quoted } from './program.ts'

export const noObject = (v: string): string => `typeof ${v} !== 'object' || ${v} === null`
export const isObject = (v: string): string => `typeof ${v} === 'object' && ${v} !== null`
export const noRecord = (v: string): string => `${noObject(v)} || isArray(${v})`

/** What a function of ours doubts, nobody takes for granted. */
export const doubted = (r: string): string => `if (${r} === doubt) return doubt`

/** NaN is not equal to itself, and so io-ts takes it for changed, and copies what holds it. */
export const notANumber = (v: string): string => `if (${v} !== ${v}) return doubt`

/** Is the array `u` not one to be copied by the methods that all arrays have? */
export const isOddArray = 'u.slice !== slice || u.map !== map || u.constructor !== List'

export const unfit: Readonly<Record<Leaf, (v: string) => string>> = {
  string: (v) => `typeof ${v} !== 'string'`,
  number: (v) => `typeof ${v} !== 'number'`,
  boolean: (v) => `typeof ${v} !== 'boolean'`,
  bigint: (v) => `typeof ${v} !== 'bigint'`,
  function: (v) => `typeof ${v} !== 'function'`,
  null: (v) => `${v} !== null`,
  undefined: (v) => `${v} !== void 0`,
  unknown: () => 'false',
  never: () => 'true',
  'array of anything': (v) => `!isArray(${v})`,
  'record of anything': noRecord,
  object: noObject,
}

/** What takes values without looking into them. */
export const isOpen = (leaf: Leaf): boolean =>
  leaf === 'unknown' || leaf === 'array of anything' || leaf === 'record of anything' || leaf === 'object'

/** How many alternatives are compared one by one; more are looked up. */
const few = 12

/** Is it none of these? */
export function noneOf(values: readonly unknown[], v: string, program: Program): string {
  // NaN equals nothing, and a set would find it.
  const found = values.filter((value) => !Number.isNaN(value))
  if (found.length === 0) return 'true'
  if (found.length > few) return `!${program.constant(new Set(found))}.has(${v})`
  return found.map((value) => `${v} !== ${literal(value, program)}`).join(' && ')
}

/** A literal, as code. */
export const literal = (value: unknown, program: Program): string =>
  typeof value === 'string' ? quoted(value) : program.constant(value)
