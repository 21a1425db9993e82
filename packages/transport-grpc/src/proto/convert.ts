// What a plan is made of: how an encoded value of a contract becomes part of a message, and back.
import type { Issue } from '@tenon/contract'

/** A value that a type cannot hold without loss. It tells where and what kind of value, never the value: it may be a secret. */
export class Lossy extends RangeError {
  override readonly name = 'Lossy'
  readonly #expected: string
  readonly #actual: string
  #path = ''

  constructor(expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`)
    this.#expected = expected
    this.#actual = actual
  }

  get issue(): Issue {
    return { path: this.#path, expected: this.#expected, actual: this.#actual }
  }

  /** The same, seen from what the value is in: under a name, or at an index of a list. */
  within(step: string | number): this {
    const rest = this.#path
    this.#path = `${typeof step === 'number' ? `[${step}]` : step}${rest === '' || rest.startsWith('[') ? rest : `.${rest}`}`
    return this
  }
}

/** What was thrown while something inside was converted; of what is lossy with where that stands. */
export const within = (cause: unknown, step: string | number): unknown =>
  cause instanceof Lossy ? cause.within(step) : cause

/** Both directions for one kind of value. */
export interface Convert {
  /** From what the codec encodes to what protobuf writes. @throws Lossy where that would lose something. */
  readonly out: (value: never) => unknown
  /** From what protobuf has read to what the codec decodes. @throws Lossy where that would lose something. */
  readonly back: (value: never) => unknown
  /** What an absent field means where absence cannot be told from it; `undefined` where it can. */
  readonly zero?: (() => unknown) | undefined
}

const same = <T>(value: T): T => value

export const asIs: Convert = { out: same, back: same }

/** A scalar whose value is the same on both sides. What is none is an error here: protobuf would write something else. */
export const scalar = (zero: string | number | boolean): Convert => ({
  out: (value: unknown) => {
    if (typeof value === typeof zero) return value
    throw new TypeError(`expected a ${typeof zero} and not a ${typeof value}`)
  },
  back: same,
  zero: () => zero,
})

/** A whole number in a type of 32 bits. */
export function whole(type: string, min: number, max: number): Convert {
  return {
    out: (value: number) => {
      if (Number.isInteger(value) && value >= min && value <= max) return value
      throw new Lossy(Number.isInteger(value) ? type : `a whole number (${type})`, 'another number')
    },
    back: same,
    zero: () => 0,
  }
}

interface LongLike {
  toString(): string
  toNumber(): number
}

/** A whole number of a contract in a type of 64 bits: exact, or an error. */
export const longAsNumber = (type: string, unsigned: boolean): Convert => ({
  out: (value: number) => {
    if (Number.isSafeInteger(value) && (value >= 0 || !unsigned)) return value
    const expected = Number.isInteger(value) ? `${type} that a number holds exactly` : `a whole number (${type})`
    throw new Lossy(expected, 'another number')
  },
  back: (value: number | LongLike) => {
    const number = typeof value === 'number' ? value : value.toNumber()
    if (Number.isSafeInteger(number)) return number
    throw new Lossy('a number that can be held exactly', 'a larger one')
  },
  zero: () => 0,
})

/** A whole number of any size as text, in a type of 64 bits. */
export function longAsText(type: string, unsigned: boolean): Convert {
  const [min, max] = unsigned ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n]
  return {
    out: (value: string) => {
      if (/^-?\d{1,20}$/.test(value)) {
        const big = BigInt(value)
        if (big >= min && big <= max) return value
      }
      throw new Lossy(`${type} as text`, 'another text')
    },
    back: (value: number | LongLike) => value.toString(),
    zero: () => '0',
  }
}

/** Bytes of a message as base64 text in the contract. */
export const bytesAsText: Convert = {
  out: (value: string) => {
    const bytes = Buffer.from(value, 'base64')
    if (bytes.toString('base64') === value) return bytes
    throw new Lossy('base64', 'another text')
  },
  back: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
  zero: () => '',
}
