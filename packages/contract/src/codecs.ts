// What a transport knows of a method's codecs: one object per method, made once.
import type { Failure, MethodInfo } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { InvalidArgument, Remote } from './call-failed.ts'
import type { AnyMethod } from './method.ts'
import type { WireFailure } from './wire.ts'

/** Everything that turns a method's values into what a wire carries, and back. For streams: of one message. */
export interface Codecs<I = unknown, O = unknown> {
  /** Of what came in; what does not fit is an `InvalidArgument` with the path of each wrong field. */
  decodeInput(raw: unknown): Either<InvalidArgument, I>
  /** Keys that the codec does not know are left out. */
  encodeInput(input: I): unknown
  /** Of an answer; one that does not fit is a `Remote` of code `internal` and tag `InvalidOutput`. */
  decodeOutput(raw: unknown): Either<Remote, O>
  /** Keys that the codec does not know are left out. */
  encodeOutput(output: O): unknown
  /** Declared failures cross with their details, others as tag, code and message, a `Defect` as its code only. */
  encodeFailure(failure: Failure): WireFailure
  /** A declared failure, one of `CallFailed` where it is that, else `Remote`. */
  decodeFailure(wire: WireFailure): Failure
}

type InputOf<M> = M extends { readonly input: { readonly _A: infer I } } ? I : never
type OutputOf<M> = M extends { readonly output: { readonly _A: infer O } } ? O : never

/** The codecs of a method of a contract. Always the same object for the same method. */
export function codecs<M extends AnyMethod & MethodInfo>(_method: M): Codecs<InputOf<M>, OutputOf<M>> {
  throw new TypeError('codecs: this method is of no contract')
}
