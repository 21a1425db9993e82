// Which codecs were compiled, and from what.
import type * as t from 'io-ts'

/** What stands in for a codec's own functions. */
export type Functions = Pick<t.Mixed, 'decode' | 'validate' | 'is' | 'encode'>

/** What became of a codec that was given to `compile`. */
export interface Compilation {
  readonly compiled: boolean
  /** Why it is not compiled: io-ts does all of its work. */
  readonly reason?: string
  /** The names of codecs in it that are not io-ts's own, and are called as they are. */
  readonly byHand: readonly string[]
}

export interface Made {
  readonly of: t.Mixed
  readonly functions: Functions
  readonly compilation: () => Compilation
}

// By `validate` and not by codec: a copy of a compiled codec, as annotations make them, is compiled.
const made = new WeakMap<object, Made>()

export const remember = (what: Made): void => void made.set(what.functions.validate, what)

/** What was compiled here; `undefined` where it was not, or was changed since. */
export function madeOf({ validate, is, encode }: t.Mixed): Made | undefined {
  const found = made.get(validate)
  return found?.functions.is === is && found.functions.encode === encode ? found : undefined
}

/** What a compiled codec was made from; any other codec itself. */
export const originalOf = (codec: t.Mixed): t.Mixed => madeOf(codec)?.of ?? codec
