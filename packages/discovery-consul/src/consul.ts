// A Consul as a registry: what watches and registers, all over one agent.
import { type Instancer, sharedWatches } from '@tenon/discovery'
import { type ConsulInstancerOptions, instancer } from './instancer.ts'
import { type ConsulOptions, settingsOf } from './options.ts'

/** A Consul, by one agent. Disposing ends all watches and closes all connections. */
export interface ConsulRegistry extends AsyncDisposable {
  /** Of the agent, without a path. */
  readonly url: string
  /**
   * Watches a service: its instances whose checks pass, those with some tags, or all. Subscribers of one service, and
   * instancers with the same options, share one blocking query.
   *
   * @throws TypeError or RangeError for a bad option.
   */
  instancer(service: string, options?: ConsulInstancerOptions): Instancer
}

/**
 * The Consul whose agent is at `url`. Nothing is asked before something is watched or registered, so it may be down.
 *
 * @throws TypeError or RangeError that names a bad option.
 */
export function consul(options: ConsulOptions = {}): ConsulRegistry {
  const settings = settingsOf(options)
  const watches = sharedWatches()
  return {
    url: settings.base.origin,
    instancer: (service, options) => instancer(settings, watches, service, options),
    [Symbol.asyncDispose]: () => watches[Symbol.asyncDispose](),
  }
}
