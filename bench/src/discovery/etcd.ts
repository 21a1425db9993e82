// etcd, for the suite: ours, and etcd3 without its breaker.
import { fixedHeartbeat, type Heartbeat } from '@tenon/discovery'
import { etcd as registry } from '@tenon/discovery-etcd'
import { etcdServer, missing } from '@tenon/example-registries'
import { noop } from 'cockatiel'
import { Etcd3 } from 'etcd3'
import type { Raw, Registry, Staying } from './registry.ts'

const keyOf = (service: string): string => `/services/${service}/`

function raw(url: string): Raw {
  const client = new Etcd3({
    hosts: url,
    faultHandling: { host: () => noop, global: noop },
    // Clients of one process share connections else.
    grpcOptions: {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
    },
  })
  let touched = 0
  return {
    async list(service) {
      const key = keyOf(service)
      const found = await client.getAll().prefix(key).keys()
      return found.map((each) => each.slice(key.length))
    },
    async register(service, id) {
      await client.put(`${keyOf(service)}${id}`).value(id)
    },
    async deregister(service, id) {
      await client.delete().key(`${keyOf(service)}${id}`)
    },
    watch(service, tell) {
      const key = keyOf(service)
      let stop: (() => unknown) | undefined
      let ended = false
      const begin = async (): Promise<void> => {
        const { kvs, header } = await client.getAll().prefix(key).exec()
        const ids = new Set(kvs.map((kv) => kv.key.toString().slice(key.length)))
        tell([...ids])
        const watcher = await client
          .watch()
          .prefix(key)
          .startRevision(String(BigInt(header.revision) + 1n))
          .create()
        stop = () => watcher.cancel().catch(() => {})
        if (ended) return void stop()
        const heard = (kv: { readonly key: Buffer }, there: boolean): void => {
          const id = kv.key.toString().slice(key.length)
          if (there) ids.add(id)
          else ids.delete(id)
          tell([...ids])
        }
        watcher.on('put', (kv) => heard(kv, true)).on('delete', (kv) => heard(kv, false))
        watcher.on('error', () => {})
      }
      begin().catch(() => {})
      return () => {
        ended = true
        stop?.()
      }
    },
    async touch() {
      await client.put('touched').value(String(++touched))
    },
    async [Symbol.asyncDispose]() {
      client.close()
    },
  }
}

const staying = (
  name: string,
  subject: string,
  [p50, longest]: readonly [number, number],
  { ttl, heartbeat }: { readonly ttl: number; readonly heartbeat?: Heartbeat },
  end: Staying['end'] = 'killed',
): Staying => ({
  name,
  subject,
  end,
  expected: { p50, longest },
  register: (endpoints, instance) =>
    registry({ endpoints, onTelemetry: () => {} }).registrar({ ...instance, ttl, heartbeat, attempts: 20 }),
})

export const etcd: Registry = {
  name: 'etcd',
  rawIs: 'etcd3',
  // Each is an HTTP/2 connection of grpc-js that asks every 2 s whether etcd is still there.
  crowd: 100,
  missing: () => missing('etcd'),
  start: () => etcdServer(),
  client: (url) => registry({ endpoints: url, onTelemetry: () => {} }),
  raw,
  staying: [
    staying('ttl', 'killed; our heartbeats as they are, TTL 15 s', [12_500, 15_000], { ttl: 15_000 }),
    staying('ttl-5', 'killed; a heartbeat every 5 s, TTL 15 s', [12_500, 15_000], {
      ttl: 15_000,
      heartbeat: fixedHeartbeat(5_000),
    }),
    staying('ttl-1', 'killed; a heartbeat every 1 s, TTL 3 s', [2_500, 3_000], {
      ttl: 3_000,
      heartbeat: fixedHeartbeat(1_000),
    }),
    staying('hangs', 'hangs; our heartbeats as they are, TTL 15 s', [12_500, 15_000], { ttl: 15_000 }, 'stopped'),
  ],
}
