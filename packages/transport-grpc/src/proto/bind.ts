// A contract's methods bound to the service of a .proto: what turns encoded values into bytes and back, made once.
import { type AnyMethod, describer } from '@tenon/contract'
import type { MethodInfo } from '@tenon/endpoint'
import protobuf from 'protobufjs'
import type { Convert } from './convert.ts'
import { type Mismatch, ProtoMismatch } from './mismatch.ts'
import { pascal } from './names.ts'
import { Planner } from './plan.ts'
import { StrictReader } from './reader.ts'
import { unreadable } from './unreadable.ts'

/** Encoded values as messages. Both throw for what the messages cannot hold (`Lossy`), or are not (`Unreadable`). */
export interface Serializer {
  readonly write: (value: unknown) => Buffer
  readonly read: (bytes: Uint8Array) => unknown
}

/** A method as it is on the wire. */
export interface BoundMethod {
  /** `/shop.orders.v1.Orders/Place`. */
  readonly path: string
  readonly input: Serializer
  readonly output: Serializer
}

interface AnyContract {
  readonly name: string
  readonly methods: Readonly<Record<string, AnyMethod & MethodInfo>>
}

/**
 * Binds every method but events.
 *
 * @throws ProtoMismatch with every difference: methods, kinds of streams, fields missing, extra, of another type or presence.
 */
export function bindContract({ name, methods }: AnyContract, root: protobuf.Root): ReadonlyMap<string, BoundMethod> {
  const mismatches: Mismatch[] = []
  const report = (mismatch: Mismatch): void => void mismatches.push(mismatch)
  const service = serviceOf(root, name)
  if (service === undefined)
    throw new ProtoMismatch(name, [
      { path: name, contract: 'a service of this name', proto: `only ${servicesOf(root)}` },
    ])
  const book = describer()
  const planner = new Planner(book.definitions, report)
  const bound = new Map<string, BoundMethod>()
  const used = new Set<string>()
  for (const [key, method] of Object.entries(methods)) {
    if (method.kind === 'event') continue
    const rpc = service.methods[pascal(key)] ?? service.methods[key]
    if (rpc === undefined) {
      report({ path: key, contract: 'a method', proto: `no rpc ${pascal(key)} in ${name}` })
      continue
    }
    used.add(rpc.name)
    const [given, wanted] = [streams(rpc.requestStream, rpc.responseStream), kinds[method.kind]]
    if (given !== wanted) report({ path: key, contract: wanted, proto: given })
    const { resolvedRequestType: request, resolvedResponseType: response } = rpc.resolve() as protobuf.Method
    if (request === null || response === null) continue
    bound.set(key, {
      path: `/${name}/${rpc.name}`,
      input: serializer(request, planner.message(book.describe(method.input), request, `${key}.input`)),
      output: serializer(response, planner.message(book.describe(method.output), response, `${key}.output`)),
    })
  }
  for (const rpc of service.methodsArray)
    if (!used.has(rpc.name)) report({ path: rpc.name, contract: 'no such method', proto: `rpc ${rpc.name} in ${name}` })
  if (mismatches.length > 0) throw new ProtoMismatch(name, mismatches)
  return bound
}

const serializer = (type: protobuf.Type, { out, back }: Convert): Serializer => ({
  write: (value) => type.encode(out(value as never) as object).finish() as Buffer,
  read(bytes) {
    let message: unknown
    try {
      message = type.decode(new StrictReader(bytes))
    } catch {
      throw unreadable(type, bytes)
    }
    return back(message as never)
  },
})

const kinds = {
  unary: 'one message in, one out',
  serverStream: 'one message in, a stream out',
  clientStream: 'a stream in, one message out',
  duplex: 'a stream in, a stream out',
} as const

const streams = (request: boolean | undefined, response: boolean | undefined): string =>
  `${request ? 'a stream' : 'one message'} in, ${response ? 'a stream' : request ? 'one message' : 'one'} out`

function serviceOf(root: protobuf.Root, name: string): protobuf.Service | undefined {
  const found = root.lookup(name, [protobuf.Service])
  return found instanceof protobuf.Service && found.fullName === `.${name}` ? found : undefined
}

function servicesOf(root: protobuf.NamespaceBase): string {
  const names: string[] = []
  const walk = (namespace: protobuf.NamespaceBase): void => {
    for (const nested of namespace.nestedArray) {
      if (nested instanceof protobuf.Service) names.push(nested.fullName.slice(1))
      else if (nested instanceof protobuf.Namespace) walk(nested)
    }
  }
  walk(root)
  return names.length === 0 ? 'messages and no service' : names.join(', ')
}
