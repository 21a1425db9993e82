// The functions of JSON-RPC, as people write them: `jsonrpc.server`, `jsonrpc.client`.
export { autoIncrement, client } from './client.ts'
export { standardErrors } from './error.ts'
export { method } from './method.ts'
export { server } from './server.ts'
