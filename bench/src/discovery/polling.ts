// Asks every so often: the oldest way to discover, and for some registries the only one.
import { type InstanceFields, type Instancer, instancerOf } from '@tenon/discovery'

export interface PollingOptions {
  readonly service: string
  /** One request to the registry. */
  readonly ask: () => Promise<Iterable<string | InstanceFields>>
  /** Milliseconds between two questions. */
  readonly every: number
  /** The part of `every` by which it may be more or less. Default 0: never. */
  readonly jitter?: number
  readonly random: () => number
}

/** An instancer that polls. What fails is asked again at its time. */
export const polling = ({ service, ask, every, jitter = 0, random }: PollingOptions): Instancer =>
  instancerOf({
    service,
    onTelemetry: () => {},
    start(sink) {
      let ended = false
      let timer: NodeJS.Timeout | undefined
      const again = (): void => {
        if (!ended) timer = setTimeout(look, every * (1 + jitter * (2 * random() - 1)))
      }
      const look = (): void => void ask().then(sink.set, sink.fail).then(again)
      look()
      return () => {
        ended = true
        clearTimeout(timer)
      }
    },
  })
