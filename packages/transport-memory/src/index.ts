// The public names of @tenon/transport-memory.
import { client } from './client.ts'
import { serve } from './server.ts'

export type { Client, ClientLimits, ClientOptions } from './client.ts'
export type { Running, ServeOptions, ServerLimits } from './server.ts'
export { type Wire, wire } from './wire.ts'

/** The transport: `memory.serve(impl, { wire })` and `memory.client(Contract, { wire })`. */
export const memory: { readonly serve: typeof serve; readonly client: typeof client } = { serve, client }
