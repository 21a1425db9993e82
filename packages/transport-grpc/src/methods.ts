// A contract's methods as grpc-js wants them: messages stay bytes there, so that what is wrong with them is ours to say.
import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { type AnyMethod, type Codecs, codecs, type Implementation, type InvalidArgument } from '@tenon/contract'
import { type Endpoint, type Failure, type MethodInfo, runner } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { Single, Streamed } from './exchange.ts'
import type { Flow, Surroundings } from './flow.ts'
import type { Message } from './line.ts'
import type { BoundMethod, Serializer } from './proto/bind.ts'
import { misfit } from './proto/misfit.ts'

/** Messages of a contract are bytes to grpc-js. */
export const same = (bytes: Message): Buffer => bytes as Buffer

/** A definition whose messages are bytes. */
export const definition = (path: string, kind: Flow['kind']): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: kind === 'clientStream' || kind === 'duplex',
  responseStream: kind === 'serverStream' || kind === 'duplex',
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
})

/** What grpc-js calls for each call of a flow. */
export function handlerOf(flow: Flow): UntypedServiceImplementation[string] {
  const take =
    flow.kind === 'unary' || flow.kind === 'clientStream'
      ? (call: never, callback: never) => void new Single(flow, call, callback)
      : (call: never) => void new Streamed(flow, call)
  return take as unknown as UntypedServiceImplementation[string]
}

/** Reads bytes as a message and decodes it; what is no such message is what `malformed` makes of it. */
export function reading(
  { read }: Serializer,
  decode: (raw: unknown) => Either<Failure, unknown>,
  malformed: (wrong: InvalidArgument) => Failure,
): (message: Message) => Either<Failure, unknown> {
  return (message) => {
    let raw: unknown
    try {
      raw = read(message as Buffer)
    } catch (cause) {
      return { _tag: 'Left', left: malformed(misfit(cause)) }
    }
    return decode(raw)
  }
}

/** An input that is no message of its type. */
export const malformedInput = (wrong: InvalidArgument): Failure => ({
  ...wrong,
  message: `the message cannot be read: ${wrong.message}`,
})

/** Every method of an implementation, as a service. */
export function serviceOf(
  { contract, endpoints }: Implementation,
  bound: ReadonlyMap<string, BoundMethod>,
  around: Surroundings,
): { readonly service: ServiceDefinition; readonly handlers: UntypedServiceImplementation } {
  const service: Record<string, MethodDefinition<Buffer, Buffer>> = {}
  const handlers: UntypedServiceImplementation = {}
  for (const [name, method] of Object.entries(contract.methods as Record<string, AnyMethod & MethodInfo>)) {
    const wire = bound.get(name)
    if (method.kind === 'event' || wire === undefined) continue
    const { decodeInput, encodeOutput, encodeFailure }: Codecs = codecs(method)
    const flow: Flow = {
      ...around,
      kind: method.kind,
      method,
      domain: contract.name,
      run: runner(endpoints[name] as Endpoint<unknown, unknown, Failure>),
      decode: reading(wire.input, decodeInput, malformedInput),
      encode: (output) => wire.output.write(encodeOutput(output)),
      encodeFailure,
    }
    service[name] = definition(wire.path, method.kind)
    handlers[name] = handlerOf(flow)
  }
  return { service: service as ServiceDefinition, handlers }
}
