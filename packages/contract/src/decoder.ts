// A codec by itself, outside of a contract: for the low level of a transport, a configuration, a queue.
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { type InvalidArgument, invalidArgument } from './call-failed.ts'
import { coder } from './coder.ts'

/** How {@link decoder} decodes. */
export interface DecoderOptions {
  /** Keys that the codec does not know: `refuse` answers `InvalidArgument` with their paths, `strip` drops them. Default `refuse`. */
  readonly unknownKeys?: 'refuse' | 'strip'
}

/**
 * A codec as a function of what came in: its value, or an `InvalidArgument` that names each wrong field. It decodes as
 * the inputs of a contract's methods are decoded. Make it once.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const order = decoder(t.strict({ sku: t.string, qty: t.Int }))
 * const { left } = order({ sku: 'oak', qty: 1.5 }) as { left: InvalidArgument } // qty: expected Int, got another number
 * ```
 */
export function decoder<A>(
  // biome-ignore lint/suspicious/noExplicitAny: what it encodes to does not matter here
  codec: t.Type<A, any, unknown>,
  { unknownKeys = 'refuse' }: DecoderOptions = {},
): (raw: unknown) => E.Either<InvalidArgument, A> {
  if (unknownKeys !== 'refuse' && unknownKeys !== 'strip')
    throw new TypeError(`decoder: unknownKeys is "refuse" or "strip" and not ${String(unknownKeys)}`)
  const { decode } = coder(codec, unknownKeys)
  return (raw) => E.mapLeft(invalidArgument)(decode(raw)) as E.Either<InvalidArgument, A>
}
