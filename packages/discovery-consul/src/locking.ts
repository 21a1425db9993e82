// Locks and leads in Consul: a session with a time to live, and a key that is locked with it.
import { hostname } from 'node:os'
import {
  type Acquired,
  type Leader,
  type Leading,
  type Lock,
  type Locking,
  type LockPort,
  lockingNames,
  type RegistryCall,
  type RegistryParts,
} from '@tenon/discovery'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Calls } from './calls.ts'
import { duration } from './checks.ts'
import { ConsulError, malformed } from './failure.ts'
import { jsonOf } from './json.ts'
import { keyOption, keyPath, type Stored, storedOf } from './key.ts'
import type { Settings } from './options.ts'
import { watching } from './watching.ts'

interface Own {
  /**
   * Milliseconds for which nobody gets what a session had that ended without giving it back, at most 60,000. Default: `ttl`,
   * or that, so that the one who had it knows of it by then, however its session ended.
   */
  readonly lockDelay?: number
}

/** How a lock is asked for. Consul takes a `ttl` of 10,000 to 86,400,000 (default 15,000), and ends it within twice that. */
export interface ConsulLocking extends Locking, Own {}

/** How somebody leads. */
export interface ConsulLeading extends Leading, Own {}

const own: OptionNames<Own> = { lockDelay: true }

/** A lock among all who use this key. @throws TypeError or RangeError for a bad option. */
export function lock(
  settings: Settings,
  calls: Calls,
  parts: RegistryParts,
  key: string,
  given: ConsulLocking = {},
): Lock {
  knownOptions(`lock ${key}`, given, { ...lockingNames, ...own })
  return parts.lock(locking(settings, calls, 'lock', key, given))
}

/** One of those of whom one leads. @throws TypeError or RangeError for a bad option. */
export function leader(
  settings: Settings,
  calls: Calls,
  parts: RegistryParts,
  key: string,
  given: ConsulLeading = {},
): Leader {
  knownOptions(`leader ${key}`, given, { ...lockingNames, ...own, lead: true })
  return parts.leader({ ...locking(settings, calls, 'leader', key, given), ...(given.lead && { lead: given.lead }) })
}

/** What the port of a hold is made with. */
interface Terms {
  readonly key: string
  readonly holder: string
  readonly ttl: number
  readonly lockDelay: number
}

function locking(settings: Settings, calls: Calls, what: string, key: string, given: ConsulLocking) {
  const where = `${what} ${keyOption(what, key)}`
  const { ttl = 15_000, holder = `${hostname()}-${process.pid}-${crypto.randomUUID().slice(0, 8)}` } = given
  const { lockDelay = Math.min(ttl, 60_000) } = given
  numberOption(where, 'ttl', ttl, { above: 0, max: 86_400_000, unit: 'milliseconds' })
  numberOption(where, 'lockDelay', lockDelay, { min: 0, max: 60_000, unit: 'milliseconds' })
  const { clock, random, onTelemetry } = settings
  const common = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(lockingNames, name)))
  const terms = { key, holder, ttl, lockDelay }
  return {
    clock,
    random,
    onTelemetry,
    ...(common as Locking),
    key,
    ttl,
    port: () => portOf(settings, calls, terms),
  }
}

/** How the locks of Consul's own client are marked, so that theirs and ours keep each other out; a number of 64 bits. */
const lockFlag = '3304740253564472344'

/** Nobody gets what was lost before its delay is over: it is asked for again after so many milliseconds. */
const delayPoll = 500

function portOf(settings: Settings, calls: Calls, { key, holder, ttl, lockDelay }: Terms): LockPort {
  const what = `lock ${key}`
  const { datacenter, clock, base } = settings
  const query: readonly (readonly [string, string])[] = datacenter === undefined ? [] : [['dc', datacenter]]
  let session: string | undefined
  let delayed = false

  async function look(call: RegistryCall): Promise<Stored | undefined> {
    const { status, body } = await calls.raw({
      what,
      ...call,
      path: keyPath(key),
      query: [...query, ['consistent', '']],
      statuses: [404],
    })
    if (status === 404) return undefined
    const stored = storedOf(body)
    if (stored === undefined) throw malformed(what, base.origin, 'something that is no entry of its KV')
    return stored[0]
  }

  async function openSession(call: RegistryCall): Promise<string> {
    const { body } = await calls
      .raw({
        what,
        ...call,
        method: 'PUT',
        path: '/session/create',
        query,
        // Without checks of the node: it lives as long as it is renewed, and no shorter when an agent is busy.
        body: JSON.stringify({
          Name: holder,
          TTL: duration(ttl),
          LockDelay: duration(lockDelay),
          Behavior: 'release',
          Checks: [],
          NodeChecks: [],
        }),
      })
      .catch((error: ConsulError) => {
        // Its own words are of nanoseconds. The least is a setting of the servers: we cannot know it before.
        if (!/invalid session ttl/i.test(error.message)) throw error
        const says = `${what}: this Consul does not take a "ttl" of ${ttl} ms: its least is 10,000, unless session_ttl_min says another`
        throw new ConsulError('rejected', says, { cause: error })
      })
    const { ID } = (jsonOf(body) ?? {}) as { ID?: unknown }
    if (typeof ID !== 'string') throw malformed(what, base.origin, 'a session without an id')
    return ID
  }

  async function renewSession(call: RegistryCall): Promise<boolean> {
    if (session === undefined) return false
    const id = session
    try {
      await calls.plain({ what, ...call }, (client, common) => client.session.renew({ id, ...common }))
      return true
    } catch (error) {
      if (!(error instanceof ConsulError) || error.status !== 404) throw error
      session = undefined
      return false
    }
  }

  /** Its index when that was the change that made it ours. */
  async function seize(call: RegistryCall, id: string): Promise<bigint | undefined> {
    const { status, body } = await calls.raw({
      what,
      ...call,
      method: 'PUT',
      path: '/txn',
      query,
      body: `[{"KV":{"Verb":"lock","Key":${JSON.stringify(key)},"Value":"${Buffer.from(holder).toString('base64')}","Session":"${id}","Flags":${lockFlag}}}]`,
      statuses: [409],
    })
    if (status === 409) return undefined
    const { Results } = (jsonOf(body) ?? {}) as {
      Results?: readonly { readonly KV?: { readonly ModifyIndex?: number } }[]
    }
    const index = Results?.[0]?.KV?.ModifyIndex
    if (!Number.isSafeInteger(index)) throw malformed(what, base.origin, 'a lock without an index')
    return BigInt(index as number)
  }

  return {
    async acquire(call): Promise<Acquired> {
      const before = await look(call)
      delayed = false
      if (before?.session !== undefined && before.session !== session) return { holder: before.value }
      if (
        before !== undefined &&
        before.value !== '' &&
        before.flags !== Number(lockFlag) &&
        before.session === undefined
      )
        throw new ConsulError('rejected', `${what}: this key holds something that is no lock: take another one`)
      if (!(await renewSession(call))) session = await openSession(call)
      const token = await seize(call, session as string)
      if (token !== undefined) return { token }
      const after = await look(call)
      delayed = after?.session === undefined
      return delayed ? {} : { holder: after?.value }
    },
    async renew(call) {
      // Somebody may have deleted the key, which asks no session.
      return (await renewSession(call)) && (await look(call))?.session === session
    },
    async release(call) {
      const id = session
      if (id === undefined) return
      session = undefined
      try {
        // Given back, nobody has to wait for the delay.
        await calls.plain({ what, ...call }, (client, common) =>
          client.kv.set({ key, value: '', release: id, flags: lockFlag as never, ...common }),
        )
      } finally {
        await calls.plain({ what, ...call }, (client, common) => client.session.destroy({ id, ...common }))
      }
    },
    watch: (call) => (delayed ? clock.sleep(delayPoll, call.signal) : freed(call)),
  }

  /** Resolves when nobody has it, or when the signal aborts. */
  function freed({ signal }: RegistryCall): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        signal.removeEventListener('abort', abort)
        void stop().then(settle)
      }
      const abort = (): void => end(resolve)
      const stop = watching<Stored | undefined>(
        settings,
        {
          what,
          read: { of: 'kv', name: key },
          reads: 'default',
          path: keyPath(key),
          query,
          statuses: [404],
          parse: ({ status, body }) => (status === 404 ? undefined : storedOf(body)?.[0]),
        },
        {
          value(stored) {
            if (stored?.session === undefined) end(resolve)
          },
          fail: (error) => end(() => reject(error)),
        },
      )
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort)
    })
  }
}
