// A watch that is not trusted: every so often all is asked for, over a connection of its own.
import { type Instancer, instancerOf } from '@tenon/discovery'
import type { PollingOptions } from './polling.ts'

/** What the watch tells, and what is asked for; an answer that crossed with news of the watch is old, and nobody's. */
export const resyncing = (watch: Instancer, { service, ask, every, jitter = 0, random }: PollingOptions): Instancer =>
  instancerOf({
    service,
    onTelemetry: () => {},
    start(sink) {
      let ended = false
      let timer: NodeJS.Timeout | undefined
      let news = 0
      const subscription = watch.subscribe(({ instances, error }) => {
        news++
        if (instances !== undefined && error === undefined) sink.set(instances)
        else if (error !== undefined) sink.fail(error)
      })
      const again = (): void => {
        if (!ended) timer = setTimeout(look, every * (1 + jitter * (2 * random() - 1)))
      }
      const look = (): void => {
        const asked = news
        ask()
          .then((set) => {
            if (news === asked) sink.set(set)
          }, sink.fail)
          .then(again)
      }
      again()
      return () => {
        ended = true
        clearTimeout(timer)
        subscription[Symbol.dispose]()
      }
    },
  })
