// One watch for all who ask for the same: a process that has ten clients of a service asks its registry once.
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
  /** Tells a newcomer what is known. */
  replay: (sink: InstanceSink) => void
  stop: ReturnType<Start>
}

const nothing = (): void => {}

/** Watches that are shared by key: what a registry makes its instancers' `start` with. */
export function sharedWatches(): SharedWatches {
  const watches = new Map<string, Watch>()
  let closed = false

  function begun(key: string, begin: Start, first: InstanceSink): Watch {
    const watch: Watch = { sinks: new Set([first]), replay: nothing, stop: undefined }
    watches.set(key, watch)
    const every = (tell: (sink: InstanceSink) => void): void => {
      for (const sink of [...watch.sinks]) tell(sink)
    }
    try {
      watch.stop = begin({
        set(instances) {
          // It may be a generator, which can be read once.
          const list = Array.from(instances)
          watch.replay = (sink) => sink.set(list)
          every(watch.replay)
        },
        fail(error) {
          const known = watch.replay
          every((sink) => sink.fail(error))
          watch.replay = (sink) => {
            known(sink)
            sink.fail(error)
          }
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
        watch.replay(sink)
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
