// What those who write encoding code agree on.
import type { Node } from './node.ts'
import type { Program } from './program.ts'

/** How io-ts calls the `encode` of what is in another codec: as its method, as a function, or by `map`. */
export type Call = 'method' | 'function' | 'map'

/** What becomes of keys that the codec does not know: as io-ts has it, left out of every object, or there may be none. */
export type Keys = 'pass' | 'strip' | 'whole'

export interface Encoder {
  readonly program: Program
  readonly keys: Keys
  /** Who writes into the same program by another rule for keys. */
  by(keys: Keys): Encoder
  /** May a value be encoded as another value? */
  needs(node: Node): boolean
  /** The name of the function that encodes values of a node: `(value)`. */
  functionOf(node: Node): string
  /** The name of the function that tells whether a value is of a node's type. */
  checkOf(node: Node): string
  /** Writes what encodes the value in the variable `v`; answers with code for the result. */
  value(node: Node, v: string, call: Call, lines: string[]): string
}

/** Code for a value of ours without the keys that a codec does not know. */
export const tidied = (codec: string, v: string): string => `tidied(${codec}, ${v})`
