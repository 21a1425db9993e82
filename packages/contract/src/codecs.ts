// What a transport knows of a method's codecs: one object per method, made once.
import type { Failure, MethodInfo } from '@tenon/endpoint'
import * as E from 'fp-ts/lib/Either.js'
import { type InvalidArgument, invalidArgument, type Remote, remote } from './call-failed.ts'
import { coder } from './coder.ts'
import { oneLine } from './issue.ts'
import type { AnyMethod } from './method.ts'
import { failureCodecs, type WireFailure } from './wire.ts'

/** Everything that turns a method's values into what a wire carries, and back. For streams: of one message. */
export interface Codecs<I = unknown, O = unknown> {
  /** Of what came in; what does not fit is an `InvalidArgument` with the path of each wrong field. */
  decodeInput(raw: unknown): E.Either<InvalidArgument, I>
  /** Keys that the codec does not know are left out. Throws only where the codec does, for a value that is not of its type. */
  encodeInput(input: I): unknown
  /** Of an answer; one that does not fit is a `Remote` of code `internal` and tag `InvalidOutput`. */
  decodeOutput(raw: unknown): E.Either<Remote, O>
  /** Keys that the codec does not know are left out. Throws only where the codec does, for a value that is not of its type. */
  encodeOutput(output: O): unknown
  /** Declared failures cross with their details, others as code, tag and message, a `Defect` without its message. */
  encodeFailure(failure: Failure): WireFailure
  /** A declared failure, one of `CallFailed` by its tag or where there is none by its code, else `Remote`. */
  decodeFailure(wire: WireFailure): Failure
}

type InputOf<M> = M extends { readonly input: { readonly _A: infer I } } ? I : never
type OutputOf<M> = M extends { readonly output: { readonly _A: infer O } } ? O : never

const made = new WeakMap<object, Codecs>()

/** The codecs of a method of a contract. Always the same object for the same method. */
export function codecs<M extends AnyMethod & MethodInfo>(method: M): Codecs<InputOf<M>, OutputOf<M>> {
  let found = made.get(method)
  if (found === undefined) {
    found = make(method)
    made.set(method, found)
  }
  return found as Codecs<InputOf<M>, OutputOf<M>>
}

function make(method: AnyMethod & MethodInfo): Codecs {
  const { input = 'refuse', output = 'strip' } = method.unknownKeys
  const inputs = coder(method.input, input)
  const outputs = coder(method.output, output)
  return {
    decodeInput: (raw) => refused(inputs.decode(raw)),
    encodeInput: inputs.encode,
    decodeOutput: (raw) => misfit(outputs.decode(raw)),
    encodeOutput: outputs.encode,
    ...failureCodecs(method.failures),
  }
}

const refused = E.mapLeft(invalidArgument)

const misfit = E.mapLeft((issues: Parameters<typeof oneLine>[0]) =>
  remote({ code: 'internal', tag: 'InvalidOutput', message: `the answer does not fit: ${oneLine(issues)}` }),
)
