// A key of Consul's KV as a typed value: read, written, changed only as it was read, watched. For configuration.
import { type KvCodec, type KvKey, type KvOptions, type KvPort, type KvSink, kvKeyOf } from '@tenon/discovery'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import type { Calls } from './calls.ts'
import { ConsulError, malformed } from './failure.ts'
import { keyOption, keyPath, type Stored, storedOf } from './key.ts'
import type { Settings } from './options.ts'
import { modeOf, type Reads, readsOption } from './reads.ts'
import { watching } from './watching.ts'

/** How a key is read and written. */
export interface ConsulKvOptions extends KvOptions {
  /** Default: the registry's. */
  readonly reads?: Reads | undefined
}

const named: OptionNames<ConsulKvOptions> = { unknownKeys: true, reads: true }

/** The watches that end with the registry. */
export interface Watches {
  add(stop: () => Promise<void>): void
  delete(stop: () => Promise<void>): void
  closed(): boolean
}

/** @throws TypeError for a bad key or option. */
export function kv<A>(
  settings: Settings,
  calls: Calls,
  watches: Watches,
  key: string,
  codec: KvCodec<A> | undefined,
  options: ConsulKvOptions = {},
): KvKey<A, ConsulError> {
  const where = `kv ${keyOption('kv', key)}`
  knownOptions(where, options, named)
  const { reads = settings.reads, unknownKeys } = options
  readsOption(where, reads)
  const port = portOf(settings, calls, watches, key, reads)
  return kvKeyOf<A, ConsulError>({ key, codec, unknownKeys, port, onTelemetry: settings.onTelemetry })
}

function portOf(settings: Settings, calls: Calls, watches: Watches, key: string, reads: Reads): KvPort {
  const { base, datacenter } = settings
  /** Only if its index is this, where one is asked for. */
  const only = (index: number | undefined) => (index === undefined ? {} : { cas: index })
  return {
    async get(call) {
      const [[mode] = []] = modeOf('consul', reads, { of: 'kv', name: key, failures: 0 })
      const what = `get of ${key}`
      // Not by the package: it takes an answer that is none of Consul's for none.
      const { status, body } = await calls.raw({
        what,
        ...call,
        path: keyPath(key),
        query: [
          ...(datacenter === undefined ? [] : [['dc', datacenter] as const]),
          ...(mode === undefined ? [] : [[mode, ''] as const]),
        ],
        statuses: [404],
      })
      if (status === 404) return undefined
      const [stored] = storedOf(body) ?? []
      if (stored === undefined) throw malformed(what, base.origin, 'something that is no entry of its KV')
      return { text: stored.value, index: stored.index }
    },
    set: (text, index, call) =>
      calls.plain({ what: `put of ${key}`, ...call }, (client, common) =>
        client.kv.set({ key, value: text, ...only(index), ...common }),
      ),
    delete: (index, call) =>
      calls.plain({ what: `delete of ${key}`, ...call }, (client, common) =>
        client.kv.del({ key, ...only(index), ...common }),
      ),
    watch(sink) {
      const what = `watching ${key}`
      if (watches.closed()) {
        sink.fail(new ConsulError('closed', `${what}: the registry was disposed`))
        return () => {}
      }
      const stop = watchOf(settings, key, what, reads, sink)
      watches.add(stop)
      return () => {
        watches.delete(stop)
        return stop()
      }
    },
  }
}

const watchOf = (settings: Settings, key: string, what: string, reads: Reads, sink: KvSink): (() => Promise<void>) =>
  watching<Stored | undefined>(
    settings,
    {
      what,
      read: { of: 'kv', name: key },
      reads,
      path: keyPath(key),
      query: settings.datacenter === undefined ? [] : [['dc', settings.datacenter]],
      statuses: [404],
      parse({ status, body }) {
        if (status === 404) return undefined
        const stored = storedOf(body)
        if (stored === undefined) throw malformed(what, settings.base.origin, 'something that is no entry of its KV')
        return stored[0]
      },
    },
    {
      value: (stored) => sink.set(stored && { text: stored.value, index: stored.index }),
      fail: (error) =>
        sink.fail(
          error instanceof ConsulError
            ? error
            : new ConsulError('failed', `${what}: ${(error as Error).message}`, { cause: error }),
        ),
    },
  )
