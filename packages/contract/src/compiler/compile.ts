// `compile`: a codec with the answers of another, whose way to success is generated code. When it is first used, not when
// it is made: recursions may speak of codecs that are not there yet, and a codec that nobody uses costs nothing.
import type * as t from 'io-ts'
import { identity } from 'io-ts'
import { generate, writtenByHand } from './generate.ts'
import { type Compilation, type Functions, madeOf, remember } from './made.ts'

/**
 * A codec with the same type, structure, results and errors as the one given, and many times as fast: its way to success
 * is generated code. What does not fit goes to the codec itself, so that errors are io-ts's own. Where code generation is
 * not allowed (`node --disallow-code-generation-from-strings`) or the codec is written by hand, io-ts does all of the
 * work; {@link compilation} tells. The codec that was given stays as it is. It is read when the compiled one is first
 * used, and must not be changed after that. Compile the outermost codec; those inside are compiled with it.
 *
 * Predicates and codecs written by hand are called twice for some values that do not fit, and getters are read twice.
 * A key that is hidden in a plain object (own, and not enumerable) stays there, where io-ts strips it.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const Order = compile(t.strict({ id: t.string, qty: t.Int }))
 * ```
 */
export function compile<C extends t.Mixed>(codec: C): C {
  if (madeOf(codec) !== undefined) return codec
  let found: { readonly functions: Functions; readonly compilation: Compilation } | undefined
  const use = (): Functions => {
    if (found === undefined) {
      found = attempt(codec)
      register(found.functions)
      Object.assign(copy, found.functions)
    }
    return found.functions
  }
  const compilation = (): Compilation => {
    use()
    return (found as NonNullable<typeof found>).compilation
  }
  const register = (functions: Functions): void => remember({ of: codec, functions, compilation })
  const until: Functions = {
    decode: (value) => use().decode(value),
    validate: (value, context) => use().validate(value, context),
    is: (value): value is unknown => use().is(value),
    // Who combines codecs asks whether this one changes anything.
    encode: codec.encode === identity ? identity : (value) => use().encode(value),
  }
  const copy = Object.create(Object.getPrototypeOf(codec), {
    ...Object.getOwnPropertyDescriptors(codec),
    ...Object.getOwnPropertyDescriptors(until),
  }) as C
  register(until)
  return copy
}

/** Was it compiled, why not, and what in it is not? Makes the code if that was not done yet. */
export const compilation = (codec: t.Mixed): Compilation =>
  madeOf(codec)?.compilation() ?? { compiled: false, reason: 'it was not given to compile()', byHand: [] }

function attempt(codec: t.Mixed): { readonly functions: Functions; readonly compilation: Compilation } {
  try {
    const { functions, byHand } = generate(codec)
    return { functions, compilation: { compiled: true, byHand } }
  } catch (cause) {
    const functions: Functions = {
      decode: (value) => codec.decode(value),
      validate: (value, context) => codec.validate(value, context),
      is: (value): value is unknown => codec.is(value),
      encode: codec.encode === identity ? identity : (value) => codec.encode(value),
    }
    const reason = reasonOf(cause)
    return { functions, compilation: { compiled: false, reason, byHand: reason === writtenByHand ? [codec.name] : [] } }
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof EvalError
    ? 'code generation is not allowed in this process'
    : cause instanceof Error
      ? cause.message
      : String(cause)
