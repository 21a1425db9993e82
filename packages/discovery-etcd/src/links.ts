// Which member of etcd is spoken to. One link at a time; when it breaks another is sought, for as long as anybody watches or holds
// something, with jittered waits. Whoever watches hears of links that come and go.
import type { Timer } from '@tenon/endpoint'
import { membersOf } from './dial.ts'
import { EtcdError, etcdError, isLost, isUnsent } from './etcd-error.ts'
import type { CheckedOptions } from './etcd-options.ts'
import { type Link, type Send, takenBack } from './link.ts'

/** Needs a link for as long as it is attached. */
export interface Attached {
  /** There is one. Told at once when it stands already. */
  up(link: Link): void
  /** There is none, or no more, and why. Told again for each attempt that fails. */
  down(error: EtcdError): void
}

/** How a request is sent. */
export interface RequestOptions {
  /** May it be sent again when nobody knows whether etcd got it? Default: false. */
  readonly repeat?: boolean
  /** Takes it back: it rejects at once, with `cancelled`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. Default: the registry's. */
  readonly timeout?: number | undefined
}

/** The links of a registry. */
export interface Links {
  readonly options: CheckedOptions
  attach(user: Attached): Disposable
  /** One request within its time; at other members, too, where that is safe. Rejects with an {@link EtcdError}. */
  request<T>(what: string, send: Send<T>, options?: RequestOptions): Promise<T>
  /** Is etcd still there? Asks; when it is not, the link breaks. */
  check(link: Link): Promise<void>
  /** What a failure says of the link: it breaks, or is to be checked, or neither. */
  judge(link: Link, error: EtcdError): Promise<void>
  /** Everything in flight ends with `cancelled`, and so does whatever comes. */
  close(): void
}

/** One that stood so long, in milliseconds, was no failed attempt. */
const worthwhile = 1_000

export function linksOf(options: CheckedOptions): Links {
  const { endpoints, heartbeat, backoff, clock, random } = options
  const members = membersOf(options, lost)
  const users = new Set<Attached>()
  let standing: Link | undefined
  let since = 0
  let dialing: Promise<Link> | undefined
  let checking: Promise<void> | undefined
  let searching = false
  let closed: EtcdError | undefined
  /** Why there is no link. */
  let trouble: EtcdError | undefined
  /** Until the next search, or the next question whether etcd is there. */
  let timer: Timer | undefined
  let attempts = 0
  let wait = 0

  /** The link that stands, or a new one. */
  function dial(): Promise<Link> {
    if (closed !== undefined) return Promise.reject(closed)
    if (standing !== undefined) return Promise.resolve(standing)
    dialing ??= members
      .dial()
      .then(adopt)
      .finally(() => {
        dialing = undefined
      })
    return dialing
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
    if (standing !== link) return
    standing = undefined
    members.pass()
    if (closed !== undefined) return
    if (clock.now() - since > worthwhile) attempts = 0
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
    if (users.size === 0) return
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
        if (closed !== undefined) return
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
        await members.ping(link)
        return
      } catch (cause) {
        // A deadline that passed while this process was busy says nothing of etcd.
        late = clock.now() - start > members.patience + 250
        if (!late) link.break(cause as EtcdError)
      }
    }
  }

  async function judge(link: Link, error: EtcdError): Promise<void> {
    if (error.code === 'deadline_exceeded') await check(link)
    // gRPC would connect again by itself, and perhaps to an etcd that knows nothing any more.
    else if (error.code === 'unavailable') link.break(error)
  }

  /** The promise, for so many milliseconds, and until the signal aborts. */
  function within<T>(promise: Promise<T>, what: string, ms: number, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = clock.at(clock.now() + ms, () =>
        reject(new EtcdError('deadline_exceeded', `${what}: no answer in time`)),
      )
      const abort = (): void => reject(takenBack(what))
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      promise.then(resolve, reject).finally(() => {
        end.cancel()
        signal?.removeEventListener('abort', abort)
      })
    })
  }

  return {
    options,
    attach(user) {
      users.add(user)
      if (standing !== undefined) {
        if (users.size === 1) watchOver(standing)
        user.up(standing)
      } else {
        const why = closed ?? trouble
        if (why !== undefined) user.down(why)
        if (timer === undefined && closed === undefined) search()
      }
      return {
        [Symbol.dispose]: () => {
          if (!users.delete(user) || users.size > 0) return
          timer?.cancel()
          timer = undefined
        },
      }
    },
    async request(what, send, { repeat = false, signal, timeout = options.timeout } = {}) {
      const until = clock.now() + timeout
      for (let tries = 0; ; tries++) {
        const link = await within(dial(), what, until - clock.now(), signal)
        const left = until - clock.now()
        // Another member gets its chance, where there is one.
        const share = endpoints.length === 1 ? left : left / 2
        try {
          return await link.call(what, share, send, signal)
        } catch (cause) {
          const error = etcdError(what, cause)
          if (!isLost(error) || signal?.aborted) throw error
          const again = repeat || isUnsent(error)
          const judged = judge(link, error)
          if (again) await within(judged, what, until - clock.now(), signal)
          if (!again || link.broken === undefined || tries > endpoints.length || clock.now() >= until) throw error
        }
      }
    },
    check,
    judge,
    close() {
      if (closed !== undefined) return
      closed = new EtcdError('cancelled', 'the registry of etcd is closed')
      timer?.cancel()
      timer = undefined
      tellDown(closed)
      users.clear()
      members.close(closed)
    },
  }
}
