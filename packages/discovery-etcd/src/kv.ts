// A key of etcd as a typed value: read, written, changed only as it was read, watched.
import { type KvCodec, type KvKey, type KvOptions, type KvPort, type KvStored, kvKeyOf } from '@tenon/discovery'
import type { EtcdError } from './etcd-error.ts'
import { follow } from './follow.ts'
import type { Links } from './links.ts'

/** @throws TypeError for a bad key or option. */
export const kv = <A>(
  links: Links,
  key: string,
  codec: KvCodec<A> | undefined,
  options: KvOptions = {},
): KvKey<A, EtcdError> =>
  kvKeyOf({ ...options, key, codec, port: portOf(links, String(key)), onTelemetry: links.options.onTelemetry })

function portOf(links: Links, name: string): KvPort {
  const key = Buffer.from(name)

  /** What must be true of the key. A revision says both: that it is there, and that nobody has changed it since. */
  const asItWas = (index: number | undefined) =>
    index === undefined
      ? []
      : index === 0
        ? [{ key, target: 'Create', result: 'Equal', create_revision: '0' } as const]
        : [{ key, target: 'Mod', result: 'Equal', mod_revision: String(index) } as const]

  return {
    async get(call) {
      const { kvs } = await links.request(`get of ${name}`, (client, sent) => client.kv.range({ key }, sent), {
        ...call,
        repeat: true,
      })
      const [found] = kvs
      return found && stored(found.value, BigInt(found.mod_revision))
    },
    // Neither is sent again when nobody knows whether it was done: somebody else may have written in between.
    async set(text, index, call) {
      const put = { request_put: { key, value: Buffer.from(text) } }
      const request = { compare: asItWas(index), success: [put] }
      const { succeeded } = await links.request(`put of ${name}`, (client, sent) => client.kv.txn(request, sent), call)
      return succeeded
    },
    async delete(index, call) {
      const request = { compare: asItWas(index), success: [{ request_delete_range: { key } }] }
      const { succeeded } = await links.request(
        `delete of ${name}`,
        (client, sent) => client.kv.txn(request, sent),
        call,
      )
      return succeeded
    },
    watch: (sink) =>
      follow(
        links,
        { what: `watching ${name}`, key: name, prefix: false },
        {
          set(entries) {
            const [entry] = entries.values()
            sink.set(entry && stored(entry.value, entry.revision))
          },
          fail: sink.fail,
        },
      ),
  }
}

const stored = (value: Buffer, revision: bigint): KvStored => ({ text: value.toString(), index: Number(revision) })
