// What those who write decoding code agree on.
import type * as t from 'io-ts'
import type { Node } from './node.ts'
import type { Program } from './program.ts'

/**
 * What becomes of keys that the codec does not know: as io-ts has it; in every object refused; left out; or nothing may
 * have to be left out, not even an optional key that is `undefined`. Of what is refused somebody else must tell.
 */
export type Policy = 'pass' | 'refuse' | 'strip' | 'whole'

/** Where a value stands in a generated function. */
export interface Site {
  /** Code for io-ts's context of the value. Asked for only where somebody reads it. */
  readonly context: () => string
  /** Code for how deep it is nested. */
  readonly depth: string
  /** The statement for a value that does not fit. */
  readonly fail: string
}

/** For what is inside of a function's own value `u`. */
export const here: Site = { context: () => 'c', depth: 'd', fail: 'return wrong' }
export const within: Site = { ...here, depth: 'd + 1' }

export interface Writer {
  readonly program: Program
  readonly policy: Policy
  /** Is the depth of a value bounded, wherever it stands? */
  readonly bounded: boolean
  /** Who writes into the same program by another policy. */
  by(policy: Policy): Writer
  /** The name of the function that decodes values of a node: `(value, context, depth)`. */
  functionOf(node: Node): string
  /** Writes what decodes the value in the variable `v` of this site; answers with code for the result. */
  value(node: Node, v: string, site: Site, lines: string[]): string
  /** The context of what is at `key` of the value whose context `outer` is. */
  entry(key: string, codec: t.Mixed, v: string, outer?: () => string): () => string
}
