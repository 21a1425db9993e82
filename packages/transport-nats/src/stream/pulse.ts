// Asks the other ends of open streams every few seconds whether they are there: NATS answers for one that is gone.
import { systemClock, type Timer } from '@tenon/endpoint'

/** Milliseconds. */
const every = 10_000

/** Beats after which an end that has said nothing, although it beats as well, is taken for gone. */
export const silence = 3

const beating = new Set<() => void>()
let timer: Timer | undefined

const beat = (): void => {
  timer = systemClock.at(systemClock.now() + every, beat)
  for (const one of [...beating]) one()
}

/** Calls `one` every ten seconds, until it is disposed. One timer for all streams. */
export function pulsing(one: () => void): Disposable {
  beating.add(one)
  timer ??= systemClock.at(systemClock.now() + every, beat)
  return {
    [Symbol.dispose]() {
      beating.delete(one)
      if (beating.size > 0) return
      timer?.cancel()
      timer = undefined
    },
  }
}
