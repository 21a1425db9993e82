// A watch that is not trusted: every so often all is asked for, over a connection of its own.
import { type Instancer, instancerOf, type PollingOptions, polling } from '@tenon/discovery'

/** What the watch tells, and what is asked for beside it: whoever told last counts. */
export const resyncing = (watch: Instancer, options: PollingOptions): Instancer =>
  instancerOf({
    service: options.service,
    onTelemetry: () => {},
    start(sink) {
      /** News of the watch. An answer that crossed with one is old, and nobody's. */
      let news = 0
      const watching = watch.subscribe(({ instances, error }) => {
        news++
        if (error !== undefined) sink.fail(error)
        else if (instances !== undefined) sink.set(instances)
      })
      const ask: PollingOptions['ask'] = async (context) => {
        const asked = news
        const set = await options.ask(context)
        if (news === asked) sink.set(set)
        return set
      }
      const asking = polling({ ...options, ask, onTelemetry: () => {} }).subscribe(() => {})
      return () => {
        watching[Symbol.dispose]()
        asking[Symbol.dispose]()
      }
    },
  })
