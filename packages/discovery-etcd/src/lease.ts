// Leases of etcd: what was written under one goes with it, when it is revoked or nothing was heard of it for its time to live.
import type { EtcdError } from './etcd-error.ts'
import type { Send } from './link.ts'
import type { Links } from './links.ts'

/** A lease. Nothing renews it by itself. */
export interface Lease {
  /** A number of 64 bits. */
  readonly id: string
  /** For so long more. `false`: it is over, and what was written under it is gone. */
  renew(signal?: AbortSignal): Promise<boolean>
  /** Ends it, and what was written under it. Harmless when it is over. */
  revoke(signal?: AbortSignal): Promise<void>
}

/** One for so many milliseconds, whole seconds of which count; etcd may make it longer. `what` is for messages. */
export async function grant(links: Links, what: string, ttl: number, signal?: AbortSignal): Promise<Lease> {
  const send: Send<{ ID: string }> = ({ leaseClient }, call) =>
    leaseClient.leaseGrant({ TTL: Math.ceil(ttl / 1_000) }, call)
  // One that was granted and not heard of holds nothing, and ends by itself.
  const { ID: id } = await links.request(what, send, { repeat: true, signal })
  return {
    id,
    renew: (signal) => links.request(what, renewal(id), { repeat: true, signal }),
    async revoke(signal) {
      try {
        await links.request(what, ({ leaseClient }, call) => leaseClient.leaseRevoke({ ID: id }, call), {
          repeat: true,
          signal,
        })
      } catch (error) {
        if ((error as EtcdError).code !== 'not_found') throw error
      }
    },
  }
}

/** A stream for one question: what lives for minutes would have to be watched, and opened again, as well. */
const renewal =
  (ID: string): Send<boolean> =>
  async ({ leaseClient }, call) => {
    const stream = await leaseClient.leaseKeepAlive(call)
    return new Promise((resolve, reject) => {
      stream
        .on('data', ({ TTL }) => {
          resolve(Number(TTL) > 0)
          stream.end()
        })
        .on('error', reject)
        .on('end', () => reject(new Error('14 UNAVAILABLE: etcd ended the stream')))
      stream.write({ ID })
    })
  }
