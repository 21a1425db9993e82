// What people limit with today, around the same handlers.
import Bottleneck from 'bottleneck'
import { BulkheadRejectedError, bulkhead } from 'cockatiel'
import pLimit from 'p-limit'
import type { Subject } from '../harness/suite.ts'
import { crowd, crowding, going, handler, hopping, type Limited, refusing } from './work.ts'

const one = (): Promise<number> => handler(1)

export const bare = (): Subject => going(one, handler)

export function pLimited(): Subject {
  const limited = pLimit(10)
  return going(
    () => limited(one),
    (n) => limited(() => handler(n)),
  )
}

export function bottleneckPlaces(): Subject {
  const limited = new Bottleneck({ maxConcurrent: 10 })
  return going(
    () => limited.schedule(one),
    (n) => limited.schedule(() => handler(n)),
  )
}

export function bottleneckReservoir(): Subject {
  const limited = new Bottleneck({ reservoir: 1e15 })
  return going(
    () => limited.schedule(one),
    (n) => limited.schedule(() => handler(n)),
  )
}

export function cockatielPlaces(): Subject {
  const limited = bulkhead(10)
  return going(
    () => limited.execute(one),
    (n) => limited.execute(() => handler(n)),
  )
}

/** With the `catch` that every thrown refusal needs somewhere. */
const caught =
  (limited: () => Promise<number>, is: (cause: unknown) => boolean): Limited =>
  async () => {
    try {
      return await limited()
    } catch (cause) {
      if (is(cause)) return 'refused'
      throw cause
    }
  }

export function bottleneckFull(): Subject {
  const limited = new Bottleneck({ maxConcurrent: 1, highWater: 0, strategy: Bottleneck.strategy.OVERFLOW })
  void limited.schedule(() => new Promise(() => {}))
  const asked = caught(
    () => limited.schedule(one),
    (cause) => cause instanceof Bottleneck.BottleneckError,
  )
  return refusing(() => asked(1), asked)
}

export function cockatielFull(): Subject {
  const limited = bulkhead(1)
  void limited.execute(() => new Promise(() => {}))
  const asked = caught(
    () => limited.execute(one),
    (cause) => cause instanceof BulkheadRejectedError,
  )
  return refusing(() => asked(1), asked)
}

export function pLimitWaiting(): Subject {
  const limited = pLimit(crowd.places)
  const asked = (n: number): Promise<number> => limited(hopping, n)
  return crowding(asked, asked)
}

export function cockatielWaiting(): Subject {
  const limited = bulkhead(crowd.places, crowd.calls)
  const asked = (n: number): Promise<number> => limited.execute(() => hopping(n))
  return crowding(asked, asked)
}
