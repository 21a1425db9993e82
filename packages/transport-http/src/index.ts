// The public names of @tenon/transport-http.

export { client } from './client.ts'
export { serve } from './serve.ts'
export { server } from './server.ts'
