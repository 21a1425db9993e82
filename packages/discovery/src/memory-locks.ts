// Locks in this process that keep to the same rules as those of a registry: a time to live, tokens that only grow.
import type { Clock, Timer } from '@tenon/endpoint'
import type { LockPort } from './lock-port.ts'
import type { RegistryCall } from './registry-call.ts'

/** All locks of one registry. Timers run only while something is held. */
export interface MemoryLocks {
  /** The calls for one hold. */
  port(key: string, holder: string, ttl: number): LockPort
}

interface Entry {
  readonly owner: LockPort
  readonly holder: string
  readonly token: bigint
  timer: Timer
}

export function memoryLocks(clock: Clock): MemoryLocks {
  const entries = new Map<string, Entry>()
  const watchers = new Map<string, Set<() => void>>()
  let revision = 0n

  function free(key: string): void {
    entries.get(key)?.timer.cancel()
    entries.delete(key)
    const waked = watchers.get(key) ?? []
    watchers.delete(key)
    for (const wake of waked) wake()
  }

  return {
    port(key, holder, ttl) {
      const expiry = (): Timer => clock.at(clock.now() + ttl, () => free(key))
      const mine = (): Entry | undefined => {
        const entry = entries.get(key)
        return entry?.owner === port ? entry : undefined
      }
      const extend = (entry: Entry): bigint => {
        entry.timer.cancel()
        entry.timer = expiry()
        return entry.token
      }
      const port: LockPort = {
        async acquire() {
          const entry = entries.get(key)
          if (entry !== undefined && entry.owner !== port) return { holder: entry.holder }
          if (entry !== undefined) return { token: extend(entry) }
          revision++
          entries.set(key, { owner: port, holder, token: revision, timer: expiry() })
          return { token: revision }
        },
        async renew() {
          const entry = mine()
          if (entry !== undefined) extend(entry)
          return entry !== undefined
        },
        async release() {
          if (mine() !== undefined) free(key)
        },
        watch: ({ signal }: RegistryCall) =>
          new Promise<void>((resolve) => {
            if (!entries.has(key) || signal.aborted) return resolve()
            const waiting = watchers.get(key) ?? new Set()
            watchers.set(key, waiting)
            const wake = (): void => {
              waiting.delete(wake)
              signal.removeEventListener('abort', wake)
              resolve()
            }
            waiting.add(wake)
            signal.addEventListener('abort', wake)
          }),
      }
      return port
    },
  }
}
