// Server reflection, v1 and v1alpha, by @grpc/reflection: what grpcurl and other tools ask a server without its .proto.
import type { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import type protobuf from 'protobufjs'
import { descriptorsOf } from './proto/descriptors.ts'

/** Serves the types of these roots. */
export const reflect = (server: Server, roots: readonly protobuf.Root[]): void =>
  new ReflectionService({ all: { fileDescriptorProtos: descriptorsOf(roots) } } as never).addToServer(server)
