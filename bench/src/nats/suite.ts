// The suite `nats`: request and reply by the clients of NATS as they are, and by Tenon on both, through a real nats-server.
import { loaded } from '../load/loaded.ts'
import { atOnce } from '../load/paces.ts'
import type { ClientSubject, ServerSubject } from '../load/parts.ts'
import { exchanges } from './exchanges.ts'
import { prove } from './prove.ts'

const raw = async () => (await import('./raw.ts')).rawNats3
const request = async () => (await import('./clients.ts')).request3

const servers: readonly ServerSubject[] = [
  { name: 'raw', subject: '@nats-io/transport-node 3', load: raw },
  { name: 'raw-again', subject: '@nats-io/transport-node 3 (A/A)', again: 'raw', load: raw },
  { name: 'tenon', subject: 'Tenon on it', load: async () => (await import('./tenon.ts')).tenonNats3 },
  {
    name: 'tenon-red',
    subject: 'Tenon on it, RED metrics on',
    load: async () => (await import('./tenon.ts')).tenonNats3Red,
  },
  { name: 'raw-2', subject: 'nats 2', load: async () => (await import('./raw.ts')).rawNats2 },
  { name: 'tenon-2', subject: 'Tenon on nats 2', load: async () => (await import('./tenon.ts')).tenonNats2 },
]

const clients: readonly ClientSubject[] = [
  { name: 'raw-client', subject: '@nats-io/transport-node 3: request', load: request },
  { name: 'raw-client-again', subject: '@nats-io/transport-node 3: request (A/A)', again: 'raw-client', load: request },
  {
    name: 'tenon-client',
    subject: 'Tenon: nats.client on it',
    load: async () => (await import('./clients.ts')).tenonClient3,
  },
  { name: 'raw-client-2', subject: 'nats 2: request', load: async () => (await import('./clients.ts')).request2 },
  {
    name: 'tenon-client-2',
    subject: 'Tenon: nats.client on nats 2',
    load: async () => (await import('./clients.ts')).tenonClient2,
  },
]

// By CPU: nats-server shares its core with the load generator, and may be full before the subject is.
const served = { by: 'CPU', in: ['small', 'nested'], limit: 0.95 } as const
const called = { by: 'CPU', in: ['calling'], limit: 0.95 } as const

export const nats = loaded({
  name: 'nats',
  does: 'one service over NATS: the clients of NATS by hand, and Tenon on both; and their clients',
  notes:
    'Requests go through a real nats-server, which shares its core with the load generator and may be full before a subject is: targets are by CPU of the subject. ' +
    'A handler by hand costs a few microseconds, so there is no room for much: what Tenon adds is a deadline with its timer, a context that ends with the call, limits, strict reading of JSON, the failure that a throw becomes, and what the services protocol counts. ' +
    'The profile below shows it layer by layer: *transport* is the most of it.',
  exchanges,
  servers,
  calls: [{ name: 'calling', title: 'requesting of @nats-io/transport-node 3: small body', atOnce, clients }],
  wanted: [
    { ...served, of: 'tenon', over: 'raw' },
    { ...served, of: 'tenon-red', over: 'raw' },
    { ...served, of: 'tenon-2', over: 'raw-2' },
    { ...called, of: 'tenon-client', over: 'raw-client' },
    { ...called, of: 'tenon-client-2', over: 'raw-client-2' },
  ],
  broker: async () => (await import('./broker.ts')).natsServer(),
  prove,
  loader: async () => (await import('./loader.ts')).natsLoad,
})
