// The functions of this package, as people write them: `nats.serve`, `nats.client`.
export { client } from './client.ts'
export { decodeJson, decodeJsonAs, encodeJson, noInput, readJson, readJsonAs } from './codec.ts'
export { consume } from './events/consume.ts'
export { publisher } from './events/publisher.ts'
export { encodeFailure } from './failure.ts'
export { setReplyHeader, setRequestHeader } from './hooks.ts'
export { serve } from './serve.ts'
export { server } from './server.ts'
