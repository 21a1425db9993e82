// One watch for all who ask for the same: a process that has ten clients of a service asks its registry once.
import type { InstanceFields } from './instance.ts'
import type { InstancerOptions, InstanceSink } from './instancer.ts'

type Start = InstancerOptions['start']

/** The watches of one registry. Disposing ends them all; what is started after that fails. */
export interface SharedWatches extends AsyncDisposable {
  /**
   * The `start` of an instancer. `begin` runs for the first of those that use `key` at the same time; the others join its
   * watch and are told at once what it has found. It is stopped when the last of them leaves.
   */
  of(key: string, begin: Start): Start
}

interface Watch {
  readonly sinks: Set<InstanceSink>
  /** The last set, and what it failed with since: a newcomer is told both. */
  known: { readonly list: readonly (string | InstanceFields)[] } | undefined
  failed: { readonly error: unknown } | undefined
  stop: ReturnType<Start>
}

/** Watches that are shared by key: what a registry makes its instancers' `start` with. */
export function sharedWatches(): SharedWatches {
  const watches = new Map<string, Watch>()
  let closed = false

  function begun(key: string, begin: Start, first: InstanceSink): Watch {
    const watch: Watch = { sinks: new Set([first]), known: undefined, failed: undefined, stop: undefined }
    watches.set(key, watch)
    const every = (tell: (sink: InstanceSink) => void): void => {
      for (const sink of [...watch.sinks]) tell(sink)
    }
    try {
      watch.stop = begin({
        set(instances, error) {
          // It may be a generator, which can be read once.
          const list = Array.from(instances)
          watch.known = { list }
          watch.failed = error === undefined ? undefined : { error }
          every((sink) => sink.set(list, error))
        },
        fail(error) {
          watch.failed = { error }
          every((sink) => sink.fail(error))
        },
      })
    } catch (error) {
      watches.delete(key)
      throw error
    }
    return watch
  }

  return {
    of: (key, begin) => (sink) => {
      if (closed) throw new Error('the registry is closed')
      const found = watches.get(key)
      const watch = found ?? begun(key, begin, sink)
      if (found !== undefined) {
        watch.sinks.add(sink)
        if (watch.known !== undefined) sink.set(watch.known.list, watch.failed?.error)
        else if (watch.failed !== undefined) sink.fail(watch.failed.error)
      }
      return () => {
        watch.sinks.delete(sink)
        if (watch.sinks.size > 0 || watches.get(key) !== watch) return
        watches.delete(key)
        return watch.stop?.()
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      const all = [...watches.values()]
      watches.clear()
      for (const { sinks } of all) for (const sink of sinks) sink.fail(new Error('the registry is closed'))
      await Promise.all(all.map(async ({ stop }) => stop?.()))
    },
  }
}
