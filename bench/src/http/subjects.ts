// The subjects of the suite. Each is imported by its own process alone.
import type { ClientSubject, ServerSubject } from '../load/parts.ts'

const raw = async () => (await import('./raw.ts')).raw

/** The first is what the others are compared with. */
export const servers: readonly ServerSubject[] = [
  { name: 'raw', subject: 'node:http by hand', load: raw },
  { name: 'raw-again', subject: 'node:http by hand (A/A)', again: 'raw', load: raw },
  { name: 'tenon', subject: 'Tenon', load: async () => (await import('./tenon.ts')).tenon },
  { name: 'tenon-red', subject: 'Tenon, RED metrics on', load: async () => (await import('./tenon.ts')).tenonRed },
  {
    name: 'fastify',
    subject: 'Fastify with schema',
    load: async () => (await import('./fastify.ts')).fastifyWithSchema,
  },
  { name: 'hono', subject: 'Hono, zod, on node-server', load: async () => (await import('./hono.ts')).hono },
]

const request = async () => (await import('./undici.ts')).undiciRequest

/** The first is what the others are compared with. */
export const clients: readonly ClientSubject[] = [
  { name: 'undici', subject: 'undici: request', load: request },
  { name: 'undici-again', subject: 'undici: request (A/A)', again: 'undici', load: request },
  { name: 'fetch', subject: 'fetch', load: async () => (await import('./undici.ts')).undiciFetch },
  {
    name: 'tenon-client',
    subject: 'Tenon: http.client',
    load: async () => (await import('./tenon-client.ts')).tenonClient,
  },
]
