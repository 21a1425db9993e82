// The functions of this package, as people write them: `grpc.serve`, `grpc.client`.
export { protobuf } from './bodies.ts'
export { client } from './client.ts'
export { setRequestHeader, setResponseHeader, setResponseTrailer } from './hooks.ts'
export { probe } from './probe.ts'
export { toProto } from './proto/print.ts'
export { serve } from './serve.ts'
export { server } from './server.ts'
