// Everything under a prefix, as it is now and after every change: read once, then watched from that revision on. When the watch breaks, or
// etcd has compacted what it would need, all is read anew. A watch is never resumed at its old revision on another connection: an etcd
// that was restored or emptied counts anew, and may have counted past it.
import { EtcdError, isLost } from './etcd-error.ts'
import type { KeyValue, Link } from './link.ts'
import type { Attached, Links } from './links.ts'

/** A key under the prefix. The object is another one after each change. */
export interface Entry {
  readonly key: string
  readonly value: Buffer
  /** The revision of its last change. */
  readonly revision: bigint
}

/** Hears of what is under the prefix. */
export interface Follower {
  /** All there is, after every change. Changes that come together are one. Not to be kept: it goes on changing. */
  set(entries: ReadonlyMap<string, Entry>): void
  /** etcd cannot be asked; what was told last may be stale. */
  fail(error: EtcdError): void
}

/** What is followed: one key, or all that begin with it. */
export interface Followed {
  /** For messages. */
  readonly what: string
  readonly key: string
  readonly prefix: boolean
}

/** The end of a range of keys that begin with it. */
export const afterAll = (key: Buffer): Buffer => {
  const end = Buffer.from(key)
  // Texts are UTF-8, in which no byte is 255.
  end[end.length - 1] = (end[end.length - 1] as number) + 1
  return end
}

const entryOf = ({ key, value, mod_revision }: KeyValue): Entry => ({
  key: key.toString(),
  value,
  revision: BigInt(mod_revision),
})

/** Follows until it is told to stop. */
export function follow(links: Links, { what, key, prefix }: Followed, to: Follower): () => void {
  const { timeout, backoff, clock, random } = links.options
  const first = Buffer.from(key)
  // An end that is empty would be no end at all.
  const range = { key: first, ...(prefix && { range_end: afterAll(first) }) }
  /** What belongs to the link at hand; a late answer of another one changes nothing. */
  let round: { readonly link: Link; close: () => void } | undefined
  let told: NodeJS.Immediate | undefined
  let attempts = 0

  function end(): void {
    round?.close()
    round = undefined
    clearImmediate(told)
    told = undefined
  }

  async function begin(link: Link): Promise<void> {
    end()
    const entries = new Map<string, Entry>()
    const mine = { link, close: (): void => {} }
    round = mine
    const live = (): boolean => round === mine
    try {
      const { kvs, header } = await link.call(what, timeout, ({ kv }, call) => kv.range(range, call))
      if (!live()) return
      for (const kv of kvs) entries.set(kv.key.toString(), entryOf(kv))
      to.set(entries)
      if (!live()) return
      watchFrom(mine, BigInt(header.revision) + 1n, entries)
    } catch (error) {
      if (live()) failed(mine, error as EtcdError)
    }
  }

  function watchFrom(mine: NonNullable<typeof round>, revision: bigint, entries: Map<string, Entry>): void {
    const { link } = mine
    // A member that accepts a watch and does not begin it has stopped.
    const begun = clock.at(clock.now() + timeout, () => void links.check(link))
    const close = link.watch(
      what,
      { ...range, start_revision: String(revision) },
      {
        data({ created, canceled, compact_revision, cancel_reason, events }) {
          if (created) begun.cancel()
          if (canceled) {
            mine.close()
            if (compact_revision !== '0') void begin(link)
            else
              failed(
                mine,
                new EtcdError('aborted', `${what}: etcd ended the watch: ${cancel_reason || 'it does not say why'}`),
              )
            return
          }
          for (const { type, kv } of events) {
            if (type === 'Delete') entries.delete(kv.key.toString())
            else entries.set(kv.key.toString(), entryOf(kv))
          }
          if (events.length === 0) return
          attempts = 0
          // What 500 instances write at once comes in as many messages, and in few turns.
          told ??= setImmediate(() => {
            told = undefined
            to.set(entries)
          })
        },
        end(error) {
          begun.cancel()
          failed(mine, error)
        },
      },
    )
    mine.close = () => {
      begun.cancel()
      close()
    }
  }

  /** On a link that still stands it is tried again; one that broke says so itself, and why. */
  function failed(mine: NonNullable<typeof round>, error: EtcdError): void {
    end()
    const { link } = mine
    const next = { link, close: (): void => {} }
    round = next
    const retry = (): void => {
      if (round !== next || link.broken !== undefined) return
      to.fail(error)
      // What etcd refused it will refuse again.
      const wait = backoff.next(++attempts, 0, random) * (isLost(error) ? 1 : 5)
      const timer = clock.at(clock.now() + wait, () => void begin(link))
      next.close = () => timer.cancel()
    }
    void links.judge(link, error).then(retry)
  }

  const attached: Attached = {
    up: (link) => void begin(link),
    down(error) {
      end()
      to.fail(error)
    },
  }
  const attachment = links.attach(attached)
  return () => {
    attachment[Symbol.dispose]()
    end()
  }
}
