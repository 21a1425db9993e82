// The suite `http`: one service on node:http by hand, Tenon, Fastify and Hono, under load from another process; and what
// a call costs that Tenon's client makes, beside undici and fetch.
import { loaded } from '../load/loaded.ts'
import { atOnce } from '../load/paces.ts'
import { exchanges } from './exchanges.ts'
import { prove } from './prove.ts'
import { clients, servers } from './subjects.ts'

/** Of the exchanges that decode and succeed. */
const wanted = { by: 'throughput', in: ['small', 'nested', 'get'] } as const

export const http = loaded({
  name: 'http',
  does: 'one service over HTTP: node:http by hand, Tenon, Fastify, Hono; and clients',
  notes:
    'Tenon runs with all limits, deadlines and strict decoding at their defaults. *CPU per request* is the server process, and the steadier of the two ratios where the machine has other things to do: ' +
    'on a core that is always busy, throughput is its inverse.',
  exchanges,
  servers,
  calls: [{ name: 'calling', title: 'calling node:http by hand: POST, small body', atOnce, clients }],
  wanted: [
    { ...wanted, of: 'tenon', over: 'raw', limit: 0.95 },
    { ...wanted, of: 'tenon', over: 'fastify', limit: 1 },
    { ...wanted, of: 'tenon-red', over: 'raw', limit: 0.95 },
    { ...wanted, of: 'tenon-red', over: 'fastify', limit: 1 },
  ],
  prove,
  loader: async () => (await import('./loader.ts')).httpLoad,
})
