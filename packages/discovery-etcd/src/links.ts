// Which member of etcd is spoken to. One link at a time; when it breaks the next member is tried, for as long as anybody watches or holds
// something, with jittered waits. Whoever watches hears of links that come and go.
import type { Timer } from '@tenon/endpoint'
import { EtcdError, etcdError, isLost } from './etcd-error.ts'
import type { CheckedOptions, Endpoint } from './etcd-options.ts'
import { type Link, openLink, type Send } from './link.ts'
import { reach } from './reach.ts'

/** Needs a link for as long as it is attached. */
export interface Attached {
  /** There is one. Told at once when it stands already. */
  up(link: Link): void
  /** There is none, or no more, and why. Told again for each attempt that fails. */
  down(error: EtcdError): void
}

/** How a request is repeated. */
export interface RequestOptions {
  /** May it be sent again when nobody knows whether etcd got it? Default: false. */
  readonly repeat?: boolean
}

/** The links of a registry. */
export interface Links {
  readonly options: CheckedOptions
  attach(user: Attached): Disposable
  /** One request within `timeout`; at other members, too, where that is safe. Rejects with an {@link EtcdError}. */
  request<T>(what: string, send: Send<T>, options?: RequestOptions): Promise<T>
  /** Is etcd still there? Asks; when it is not, the link breaks. */
  check(link: Link): Promise<void>
  /** Everything in flight ends with `cancelled`, and so does whatever comes. */
  close(): void
}

const closedError = (): EtcdError => new EtcdError('cancelled', 'the registry of etcd is closed')

/** How long a member may take to be reached, and to say that it is there. Who asks costs etcd a hash that is meant to be slow. */
const patience = ({ auth, timeout }: CheckedOptions): number =>
  auth === undefined ? Math.min(1_000, timeout) : timeout

export function linksOf(options: CheckedOptions): Links {
  const { endpoints, timeout, heartbeat, backoff, clock, random, prefix } = options
  const probe = patience(options)
  const users = new Set<Attached>()
  const closing = new AbortController()
  /** Who is tried first. By chance at the beginning, so that not all processes go to the same member. */
  let turn = Math.floor(random() * endpoints.length)
  const open = new Set<Link>()
  let standing: Link | undefined
  let since = 0
  let dialing: Promise<Link> | undefined
  let checking: Promise<void> | undefined
  let timer: Timer | undefined
  let attempts = 0
  let wait = 0
  let searching = false
  /** Why there is no link. */
  let trouble: EtcdError | undefined

  const ping = (link: Link): Promise<unknown> =>
    link
      .call(`etcd at ${link.target}`, probe, ({ kv }, call) =>
        kv.range({ key: Buffer.from(`${prefix}/`), keys_only: true }, call),
      )
      .catch((error: EtcdError) => {
        // One who may not read that is answered all the same.
        if (error.code !== 'permission_denied') throw error
      })

  /** The link that stands, or a new one. Rejects when no member can be reached. */
  function dial(): Promise<Link> {
    if (closing.signal.aborted) return Promise.reject(closedError())
    if (standing !== undefined) return Promise.resolve(standing)
    dialing ??= dialAll().finally(() => {
      dialing = undefined
    })
    return dialing
  }

  async function dialAll(): Promise<Link> {
    const failures: EtcdError[] = []
    for (let n = 0; n < endpoints.length; n++) {
      const at = (turn + n) % endpoints.length
      try {
        const link = await dialOne(endpoints[at] as Endpoint)
        turn = at
        return adopt(link)
      } catch (cause) {
        if (closing.signal.aborted) throw closedError()
        failures.push(cause as EtcdError)
      }
    }
    // A wrong password is worse news than a member that is down.
    const worst = failures.find((failure) => !isLost(failure)) ?? (failures[0] as EtcdError)
    throw failures.length === 1
      ? worst
      : new EtcdError(worst.code, failures.map(({ message }) => message).join('; '), worst)
  }

  async function dialOne(endpoint: Endpoint): Promise<Link> {
    try {
      await reach(endpoint, probe, closing.signal)
    } catch (cause) {
      throw new EtcdError(
        'unavailable',
        `etcd at ${endpoint.target}: no connection: ${(cause as Error).message}`,
        cause,
      )
    }
    const link = openLink(options, endpoint, (error) => lost(link, error))
    open.add(link)
    try {
      await ping(link)
      return link
    } catch (cause) {
      link.break(cause as EtcdError)
      throw cause
    }
  }

  function adopt(link: Link): Link {
    standing = link
    trouble = undefined
    since = clock.now()
    watchOver(link)
    for (const user of [...users]) user.up(link)
    return link
  }

  function lost(link: Link, error: EtcdError): void {
    open.delete(link)
    if (standing !== link) return
    standing = undefined
    turn = (turn + 1) % endpoints.length
    // One that stood for a while was no failed attempt.
    if (clock.now() - since > 1_000) attempts = 0
    tellDown(error)
    again()
  }

  function tellDown(error: EtcdError): void {
    trouble = error
    for (const user of [...users]) user.down(error)
  }

  function later(ms: number, run: () => void): void {
    timer?.cancel()
    timer = clock.at(clock.now() + ms, run)
  }

  function again(): void {
    if (users.size === 0 || closing.signal.aborted) return
    wait = backoff.next(++attempts, wait, random)
    later(wait, search)
  }

  function search(): void {
    timer = undefined
    if (searching) return
    searching = true
    dial()
      .finally(() => {
        searching = false
      })
      .catch((error: EtcdError) => {
        if (closing.signal.aborted) return
        tellDown(error)
        again()
      })
  }

  /** Somebody who only listens hears nothing of a member that stands still, or is cut off. */
  function watchOver(link: Link): void {
    if (users.size === 0 || link !== standing) return
    later(heartbeat * (0.9 + 0.2 * random()), () => void check(link).then(() => watchOver(link)))
  }

  function check(link: Link): Promise<void> {
    checking ??= ask(link).finally(() => {
      checking = undefined
    })
    return checking
  }

  async function ask(link: Link): Promise<void> {
    for (let late = true; late && link.broken === undefined; ) {
      const start = clock.now()
      try {
        await ping(link)
        return
      } catch (cause) {
        // A deadline that passed while this process was busy says nothing of etcd.
        late = clock.now() - start > probe + 250
        if (!late) link.break(cause as EtcdError)
      }
    }
  }

  return {
    options,
    attach(user) {
      users.add(user)
      if (standing !== undefined) {
        if (users.size === 1) watchOver(standing)
        user.up(standing)
      } else {
        if (trouble !== undefined) user.down(trouble)
        if (timer === undefined) search()
      }
      return {
        [Symbol.dispose]: () => {
          if (!users.delete(user) || users.size > 0) return
          timer?.cancel()
          timer = undefined
        },
      }
    },
    async request(what, send, { repeat = false } = {}) {
      const until = clock.now() + timeout
      for (let tries = 0; ; tries++) {
        const link = await within(dial(), what, until - clock.now())
        const left = until - clock.now()
        // Another member gets its chance, where there is one.
        const share = endpoints.length === 1 ? left : left / 2
        try {
          return await link.call(what, share, send)
        } catch (cause) {
          const error = etcdError(what, cause)
          if (!isLost(error)) throw error
          if (!repeat) void check(link)
          else await within(check(link), what, until - clock.now())
          if (!repeat || link.broken === undefined || tries > endpoints.length || clock.now() >= until) throw error
        }
      }
    },
    check,
    close() {
      closing.abort()
      timer?.cancel()
      timer = undefined
      users.clear()
      for (const link of [...open]) link.break(closedError())
    },
  }

  /** The promise, for so many milliseconds. */
  function within<T>(promise: Promise<T>, what: string, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = clock.at(clock.now() + ms, () =>
        reject(new EtcdError('deadline_exceeded', `${what}: etcd could not be reached in time`)),
      )
      promise.then(resolve, reject).finally(() => end.cancel())
    })
  }
}
