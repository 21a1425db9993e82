// The functions of JSON-RPC, as people write them: `jsonrpc.server`, `jsonrpc.client`.
export { client } from './client.ts'
export { standardErrors } from './error.ts'
export { method } from './method.ts'
export { notifier } from './notifier.ts'
export { autoIncrement } from './remote.ts'
export { server } from './server.ts'
