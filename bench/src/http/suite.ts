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
    'on a core that is always busy, throughput is its inverse.\n\n' +
    'Beside the server by hand, what Tenon does of its own (the rows *transport*, *contract and codecs* and *endpoint* at the end) costs some microseconds a request, and most of it is won back on a small body and on a GET, where bodies and timers take a shorter way through Node (*Node, in JavaScript*); on a nested body less of it. ' +
    'The kernel, Node and JSON are most of a request on either, so that a target of 0.95 leaves about a microsecond and a half. RED metrics add two readings of the clock and the hooks around them (*endpoint*; V8 inlines the counters there).\n\n' +
    'Memory: a Tenon process is larger mainly by the code that it has loaded, 15 MiB of heap against 8 before the first request; beyond that, resident memory is what V8 makes of code that runs often, and room for young objects, which it enlarges under load.',
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
