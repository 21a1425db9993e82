// Reaches a member of etcd: one after the other, until one of them answers.
import { EtcdError, isLost } from './etcd-error.ts'
import type { CheckedOptions, Endpoint } from './etcd-options.ts'
import { type Link, openLink } from './link.ts'
import { reach } from './reach.ts'

/** The members of an etcd, by turns. */
export interface Members {
  /** A link to a member that has answered. Rejects when none of them can be reached. */
  dial(): Promise<Link>
  /** The member at hand is not to be tried first any more. */
  pass(): void
  /** Asks whether it is there, and has a leader. Rejects with what was wrong. */
  ping(link: Link): Promise<void>
  /** How long that may take. */
  readonly patience: number
  /** Breaks all links. */
  close(error: EtcdError): void
}

/** `broke` hears of each link that breaks. */
export function membersOf(options: CheckedOptions, broke: (link: Link, error: EtcdError) => void): Members {
  const { endpoints, timeout, prefix, random, auth } = options
  // Who asks costs etcd a hash that is meant to be slow.
  const patience = auth === undefined ? Math.min(1_000, timeout) : timeout
  const closing = new AbortController()
  const open = new Set<Link>()
  /** Who is tried first. By chance at the beginning, so that not all processes go to the same member. */
  let turn = Math.floor(random() * endpoints.length)

  /** How far each has counted. */
  const counted = new WeakMap<Link, { readonly revision: bigint; readonly term: bigint }>()

  async function ping(link: Link): Promise<void> {
    try {
      const { header } = await link.call(`etcd at ${link.target}`, patience, ({ kv }, call) =>
        kv.range({ key: Buffer.from(`${prefix}/`), keys_only: true }, call),
      )
      const before = counted.get(link)
      const now = { revision: BigInt(header.revision), term: BigInt(header.raft_term) }
      counted.set(link, now)
      // gRPC connects again by itself, and says nothing of it.
      if (before !== undefined && (now.revision < before.revision || now.term < before.term))
        throw new EtcdError('unavailable', `etcd at ${link.target}: it was emptied, or restored: it counts anew`)
    } catch (error) {
      // One who may not read that is answered all the same.
      if ((error as EtcdError).code !== 'permission_denied') throw error
    }
  }

  async function dialOne(endpoint: Endpoint): Promise<Link> {
    try {
      await reach(endpoint, patience, closing.signal)
    } catch (cause) {
      const why = (cause as Error).message
      throw new EtcdError('unavailable', `etcd at ${endpoint.target}: no connection: ${why}`, cause)
    }
    const link = openLink(options, endpoint, (error) => {
      open.delete(link)
      broke(link, error)
    })
    open.add(link)
    try {
      await ping(link)
      return link
    } catch (cause) {
      link.break(cause as EtcdError)
      throw cause
    }
  }

  return {
    async dial() {
      const failures: EtcdError[] = []
      for (let n = 0; n < endpoints.length && !closing.signal.aborted; n++) {
        const at = (turn + n) % endpoints.length
        try {
          const link = await dialOne(endpoints[at] as Endpoint)
          turn = at
          return link
        } catch (cause) {
          failures.push(cause as EtcdError)
        }
      }
      if (closing.signal.aborted) throw closing.signal.reason
      // A wrong password is worse news than a member that is down.
      const worst = failures.find((failure) => !isLost(failure)) ?? (failures[0] as EtcdError)
      if (failures.length === 1) throw worst
      throw new EtcdError(worst.code, failures.map(({ message }) => message).join('; '), worst)
    },
    pass() {
      turn = (turn + 1) % endpoints.length
    },
    ping,
    patience,
    close(error) {
      closing.abort(error)
      for (const link of [...open]) link.break(error)
    },
  }
}
