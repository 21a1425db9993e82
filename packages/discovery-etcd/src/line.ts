// A line of those who want to hold something: each has a key of its own under a lease, and whoever came first holds it. The recipe of etcd's own
// locks and elections (its Go package `concurrency`, `etcdctl lock`), so that their users stand in the same line.
import type { LockPort, RegistryCall } from '@tenon/discovery'
import { EtcdError } from './etcd-error.ts'
import { afterAll, follow } from './follow.ts'
import { part } from './layout.ts'
import { grant, type Lease } from './lease.ts'
import type { Links } from './links.ts'

/** What is held, and by whom. */
export interface Place {
  /** For messages: `lock jobs`. */
  readonly what: string
  /** What the keys of the line begin with. */
  readonly line: string
  /** What the holder calls itself. */
  readonly holder: string
  readonly ttl: number
}

/** The line for a name. */
export const lineOf = (prefix: string, name: string): string => `${prefix}/${part(name)}/`

/** The calls for one hold. */
export function placeIn(links: Links, { what, line, holder, ttl }: Place): LockPort {
  let lease: Lease | undefined
  let mine: { readonly key: Buffer; readonly created: string } | undefined
  /** Who is right before us. */
  let before: string | undefined

  /** Our key, made when it is not there; its revision never changes while its lease lasts. */
  async function join(under: Lease, signal: AbortSignal): Promise<NonNullable<typeof mine>> {
    const key = Buffer.from(line + BigInt(under.id).toString(16))
    const { responses } = await links.request(
      what,
      ({ kv }, call) =>
        kv.txn(
          {
            compare: [{ key, target: 'Create', result: 'Equal', create_revision: '0' }],
            success: [
              { request_put: { key, value: Buffer.from(holder), lease: under.id } },
              { request_range: { key } },
            ],
            failure: [{ request_range: { key } }],
          },
          call,
        ),
      { repeat: true, signal },
    )
    const created = responses.at(-1)?.response_range?.kvs[0]?.create_revision
    if (created === undefined) throw new EtcdError('internal', `${what}: etcd did not keep what it was given`)
    return { key, created }
  }

  /** Who holds it, and who is right before us; nobody when we do. */
  async function ahead(created: string, signal: AbortSignal) {
    const max_create_revision = String(BigInt(created) - 1n)
    const one = {
      key: Buffer.from(line),
      range_end: afterAll(Buffer.from(line)),
      limit: 1,
      sort_target: 'Create',
    } as const
    const { responses } = await links.request(
      what,
      ({ kv }, call) =>
        kv.txn(
          {
            success: (['Ascend', 'Descend'] as const).map((sort_order) => ({
              request_range: { ...one, max_create_revision, sort_order },
            })),
          },
          call,
        ),
      { repeat: true, signal },
    )
    return responses.map(({ response_range }) => response_range?.kvs[0])
  }

  return {
    async acquire({ signal }) {
      // A place that is older gets its full time first; one that is over is taken anew, at the end of the line.
      if (lease !== undefined && !(await lease.renew(signal))) lease = mine = undefined
      lease ??= await grant(links, what, ttl, signal)
      mine = await join(lease, signal)
      const [first, last] = await ahead(mine.created, signal)
      before = last?.key.toString()
      return before === undefined ? { token: BigInt(mine.created) } : { holder: first?.value.toString() }
    },
    async renew({ signal }) {
      if (lease === undefined || mine === undefined || !(await lease.renew(signal))) return false
      const { key, created } = mine
      // Somebody may have taken it out by hand: then whoever is next has it.
      const { kvs } = await links.request(what, ({ kv }, call) => kv.range({ key, keys_only: true }, call), {
        repeat: true,
        signal,
      })
      return kvs[0]?.create_revision === created
    },
    async release({ signal }) {
      const ended = lease
      lease = mine = undefined
      await ended?.revoke(signal)
    },
    watch: ({ signal }) => (before === undefined ? Promise.resolve() : turnOf(links, what, before, lease, ttl, signal)),
  }
}

/** Settles when the one before is gone, or our own place is lost. Keeps that place meanwhile. */
function turnOf(
  links: Links,
  what: string,
  before: string,
  lease: Lease | undefined,
  ttl: number,
  signal: RegistryCall['signal'],
): Promise<void> {
  const { clock, random } = links.options
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const end = (error?: EtcdError): void => {
      over.abort()
      stop()
      signal.removeEventListener('abort', aborted)
      if (error === undefined) resolve()
      else reject(error)
    }
    const aborted = (): void => end()
    const keep = async (): Promise<void> => {
      for (;;) {
        await clock.sleep((ttl / 3) * (1 - random() / 10), over.signal)
        if (over.signal.aborted) return
        try {
          if ((await lease?.renew(over.signal)) === false) return end()
        } catch {
          // It is tried again; when that is too late the place is lost, and another one is taken.
        }
      }
    }
    const stop = follow(
      links,
      { what, key: before, prefix: false },
      {
        set(entries) {
          // It may be told before there is anything to stop.
          if (entries.size === 0) queueMicrotask(end)
        },
        // The line stands still while etcd cannot be asked.
        fail: () => {},
      },
    )
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
    else void keep()
  })
}
