// A client that calls the instances it knows in turn, as fast as it is told to.
import type { Random } from '@tenon/endpoint'
import type { Ear } from './ear.ts'

/** Calls every so many milliseconds on average, until it is disposed of; `called` hears whom, and when. */
export function calling(ear: Ear, every: number, random: Random, called: (id: string, at: number) => void): Disposable {
  let turn = Math.floor(random() * 1_000)
  const call = (): void => {
    const { ids = [] } = ear.known
    if (ids.length > 0) called(ids[turn++ % ids.length] as string, performance.now())
    timer = setTimeout(call, every * (0.5 + random()))
  }
  let timer = setTimeout(call, every * random())
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
