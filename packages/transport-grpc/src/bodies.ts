// Messages of a contract as bodies over HTTP: the table of this package, in the shape that the HTTP transport takes.
import type { AnyMethod, InvalidArgument } from '@tenon/contract'
import { knownOptions, type MethodInfo, type OptionNames } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { bindContract, type Serializer } from './proto/bind.ts'
import { misfit } from './proto/misfit.ts'
import { type ProtoOptions, rootOf } from './proto/root.ts'

/** Encoded values as bytes, and back. A Left names the field. */
export interface BodyCodec {
  readonly write: (encoded: unknown) => Either<InvalidArgument, Uint8Array>
  readonly read: (bytes: Uint8Array) => Either<InvalidArgument, unknown>
}

/** The bodies of one method. */
export interface ProtobufMethod {
  readonly input: BodyCodec
  readonly output: BodyCodec
}

/** Protobuf bodies, for `formats` of `http.serve` and `format` of `http.client`. */
export interface ProtobufBodies {
  /** `application/x-protobuf` */
  readonly media: string
  /** @throws ProtoMismatch with every difference between contract and `.proto`. */
  readonly bind: (contract: {
    readonly name: string
    readonly methods: Readonly<Record<string, AnyMethod & MethodInfo>>
  }) => ReadonlyMap<string, ProtobufMethod>
}

const named: OptionNames<ProtoOptions> = { proto: true, lock: true }

/**
 * Bodies of `application/x-protobuf` over HTTP, of the same messages that gRPC carries:
 * `http.serve(stock, { formats: [grpc.protobuf()] })`.
 */
export function protobuf(options: ProtoOptions = {}): ProtobufBodies {
  knownOptions('grpc.protobuf', options, named)
  return {
    media: 'application/x-protobuf',
    bind(contract) {
      const bound = bindContract(contract, rootOf(contract, options))
      return new Map(
        [...bound].map(([name, { input, output }]) => [name, { input: body(input), output: body(output) }]),
      )
    },
  }
}

const body = ({ write, read }: Serializer): BodyCodec => ({ write: tried(write), read: tried(read) })

/** What does not fit is a Left; anything else that is thrown is a defect, and stays one. */
function tried<A, B>(step: (value: A) => B): (value: A) => Either<InvalidArgument, B> {
  return (value) => {
    try {
      return { _tag: 'Right', right: step(value) }
    } catch (cause) {
      if (cause instanceof TypeError) throw cause
      return { _tag: 'Left', left: misfit(cause) }
    }
  }
}
