// Declared failures: one value that is constructor, guard and codec of a failure that a method may answer with.
import { type Code, codes, type Failure, isCode } from '@tenon/endpoint'
import * as t from 'io-ts'
import { fieldsOf, resolve, shapeOf } from './shape.ts'

// biome-ignore lint/suspicious/noExplicitAny: a codec's encoded side is of no interest here, and io-ts is invariant in it
type Any = any

type Reserved = '_tag' | 'code' | 'message'
type KeysOf<D> = D extends unknown ? keyof D : never
interface Clash<K> {
  readonly 'a detail may not be named': K
}

/** A failure with these details beside tag, code and message. */
export type FailureOf<T extends string, C extends Code, D> = Failure<T, C> & Readonly<D>

/** Constructor, guard and codec of one declared failure. */
export interface FailureType<T extends string, C extends Code, D> {
  /** Makes the failure. Without `message` its message is the tag in words: `OutOfStock` says "out of stock". */
  (
    ...details: keyof D extends never
      ? [details?: D & { readonly message?: string }]
      : [details: D & { readonly message?: string }]
  ): FailureOf<T, C, D>
  readonly tag: T
  readonly code: C
  /** The codec of what the failure carries beside tag, code and message. */
  readonly details: t.Type<D, unknown, unknown>
  /** Is this a failure of this type: tag, code and details? */
  is(value: unknown): value is FailureOf<T, C, D>
}

const reserved: readonly string[] = ['_tag', 'code', 'message'] satisfies Reserved[]
const nothing = t.strict({})

/**
 * Declares a failure: its tag, its canonical code, and a codec of its details. What it makes are plain records, not
 * frozen: freezing costs four times as much as making one, and the types are readonly.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
 * fail(OutOfStock({ sku: 'oak' }))
 * ```
 *
 * @throws TypeError for a bad tag or code, and for details that are no object or have a key `_tag`, `code` or `message`.
 */
export function failure<const T extends string, const C extends Code>(tag: T, code: C): FailureType<T, C, object>
export function failure<const T extends string, const C extends Code, D extends object>(
  tag: T,
  code: C,
  details: t.Type<D, Any, unknown> & ([KeysOf<D> & Reserved] extends [never] ? unknown : Clash<KeysOf<D> & Reserved>),
): FailureType<T, C, D>
export function failure(tag: string, code: Code, details: t.Type<object, Any, unknown> = nothing): unknown {
  check(tag, code, details)
  const inWords = words(tag)
  const make = (given?: { readonly message?: string }): Failure => {
    const made = { _tag: tag, code, message: inWords, ...given }
    if (given !== undefined) {
      // Whatever was given, these are the type's; they stand first where a failure is printed.
      made._tag = tag
      made.code = code
      made.message ??= inWords
    }
    return made
  }
  const is = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    const { _tag, code: found, message, ...rest } = value as Record<string, unknown>
    return _tag === tag && found === code && typeof message === 'string' && details.is(rest)
  }
  return Object.assign(make, { tag, code, details, is })
}

/** `OutOfStock` -> `out of stock`, `HTTPGone` -> `http gone`. */
export const words = (tag: string): string =>
  tag
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .replaceAll('_', ' ')
    .toLowerCase()

function check(tag: unknown, code: unknown, details: t.Mixed): void {
  if (typeof tag !== 'string' || !/^[A-Za-z]\w*$/.test(tag))
    throw new TypeError(`failure: a tag is a name such as "OutOfStock" and not ${JSON.stringify(tag)}`)
  if (tag === 'Defect') throw new TypeError('failure: "Defect" is the tag of what nobody expected; take another one')
  if (!isCode(code))
    throw new TypeError(`failure ${tag}: ${JSON.stringify(code)} is none of the codes ${Object.keys(codes).join(', ')}`)
  const shape = shapeOf(details)
  const fields = fieldsOf(shape)
  const { kind } = resolve(shape)
  if (fields === undefined && kind !== 'record' && kind !== 'custom' && kind !== 'unknown')
    throw new TypeError(
      `failure ${tag}: details are an object such as t.strict({ sku: t.string }) and not ${details.name}`,
    )
  const clash = reserved.filter((key) => fields?.has(key))
  if (clash.length > 0) throw new TypeError(`failure ${tag}: a detail may not be named ${clash.join(', ')}`)
}
