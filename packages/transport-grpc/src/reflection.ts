// Server reflection, v1 and v1alpha, by @grpc/reflection: what grpcurl and other tools ask a server without its .proto.
import type { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import type protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { pascal } from './proto/names.ts'

/** Serves the types of these roots. */
export function reflect(server: Server, roots: readonly protobuf.Root[]): void {
  const definitions = roots.map((root) => {
    const { file } = (root as unknown as Described).toDescriptor('proto3')
    for (const { messageType } of file) messageType.forEach(mend)
    return { fileDescriptorProtos: file.map((each) => descriptor.FileDescriptorProto.encode(each).finish()) }
  })
  new ReflectionService({ ...definitions } as never).addToServer(server)
}

interface Described {
  toDescriptor(edition: string): { readonly file: readonly File[] }
}
type File = protobuf.Message & { readonly messageType: readonly Message[] }
interface Message {
  name: string
  readonly field: readonly Field[]
  readonly nestedType: readonly Message[]
  readonly options?: { readonly mapEntry?: boolean } | null
}
interface Field {
  readonly name: string
  typeName?: string
  proto3Optional?: boolean
  /** Where protobuf.js writes it, and its encoder does not find it. */
  readonly proto3_optional?: boolean
}

/** What protobuf.js gets wrong: `optional` is lost, and the entries of maps have names that protoc does not take. */
function mend(message: Message): void {
  const entries = new Map(
    message.nestedType.filter(({ options }) => options?.mapEntry).map((each) => [each.name, each]),
  )
  for (const field of message.field) {
    if (field.proto3_optional) field.proto3Optional = true
    const entry = entries.get(field.typeName ?? '')
    if (entry === undefined) continue
    entry.name = `${pascal(field.name)}Entry`
    field.typeName = entry.name
  }
  message.nestedType.forEach(mend)
}
