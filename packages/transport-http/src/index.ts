// The public names of @tenon/transport-http.
export { server } from './server.ts'
