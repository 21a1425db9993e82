// A Consul as a registry: what watches and registers, all over one agent.
import { type Instancer, type Leader, type Lock, type Registry, sharedWatches } from '@tenon/discovery'
import { callsOf } from './calls.ts'
import { type ConsulInstancerOptions, instancer } from './instancer.ts'
import { type ConsulLeading, type ConsulLocking, leader, lock } from './locking.ts'
import { type ConsulOptions, settingsOf } from './options.ts'
import { type ConsulRegistrar, type ConsulRegistration, registrar } from './registrar.ts'

/** A Consul, by one agent. Disposing takes out what is registered, gives back locks, ends watches and closes all connections. */
export interface ConsulRegistry extends Registry {
  /** Of the agent, without a path. */
  readonly url: string
  /**
   * Watches a service: its instances whose checks pass, those with some tags, or all. Subscribers of one service, and
   * instancers with the same options, share one blocking query.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  instancer(service: string, options?: ConsulInstancerOptions): Instancer
  /**
   * Registers an instance at the agent with `start()`, keeps it there, and takes it out with `drain()`.
   *
   * @throws TypeError or RangeError for a bad option, or what Consul would not take.
   */
  registrar(registration: ConsulRegistration): ConsulRegistrar
  /**
   * A lock among all who use this key of Consul's KV.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  lock(key: string, options?: ConsulLocking): Lock
  /**
   * One of those of whom one leads. An app runs it.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  leader(key: string, options?: ConsulLeading): Leader
}

/**
 * The Consul whose agent is at `url`. Nothing is asked before something is watched or registered, so it may be down.
 *
 * @throws TypeError or RangeError that names a bad option.
 */
export function consul(options: ConsulOptions = {}): ConsulRegistry {
  const settings = settingsOf(options)
  const watches = sharedWatches()
  const calls = callsOf(settings)
  /** What ends with the registry: what was started and has not ended. */
  const live = new Set<AsyncDisposable>()
  const own = <T extends Lock | Leader>(part: T): T => {
    part.subscribe(({ status }) => void (status === 'idle' || status === 'closed' ? live.delete(part) : live.add(part)))
    return part
  }
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await Promise.all([watches, ...live].map((part) => part[Symbol.asyncDispose]()))
    calls.close()
  }
  return {
    url: settings.base.origin,
    instancer: (service, options) => instancer(settings, watches, service, options),
    registrar(registration) {
      const made = registrar(settings, calls, registration)
      const ended = (): void => void live.delete(made)
      return {
        ...made,
        start(options) {
          live.add(made)
          return made.start(options)
        },
        drain: (options) => made.drain(options).finally(ended),
        [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]().finally(ended),
      }
    },
    lock: (key, options) => own(lock(settings, calls, key, options)),
    leader: (key, options) => own(leader(settings, calls, key, options)),
    [Symbol.asyncDispose]() {
      closing ??= close()
      return closing
    },
  }
}
