// What somebody who subscribes sees, for tests to wait for.
import type { Instancer, InstanceState } from '@tenon/discovery'
import { expect } from 'vitest'

export interface Watched extends Disposable {
  readonly states: readonly InstanceState[]
  readonly last: InstanceState
  /** Addresses of the last set, or `undefined` where none is known. */
  addresses(): readonly string[] | undefined
  /** Waits until the last set is this one, and no error beside it. */
  becomes(addresses: readonly string[], timeout?: number): Promise<void>
  /** Waits until there is an error. */
  fails(timeout?: number): Promise<unknown>
}

export function watched(instancer: Instancer): Watched {
  const states: InstanceState[] = []
  const subscription = instancer.subscribe((state) => states.push(state))
  const last = (): InstanceState => states.at(-1) as InstanceState
  const addresses = (): readonly string[] | undefined => last().instances?.map(({ address }) => address)
  return {
    states,
    get last() {
      return last()
    },
    addresses,
    becomes: (wanted, timeout = 10_000) =>
      expect
        .poll(() => ({ is: addresses(), error: last().error }), { timeout, interval: 5 })
        .toEqual({ is: wanted, error: undefined }),
    async fails(timeout = 10_000) {
      await expect.poll(() => last().error, { timeout, interval: 5 }).toBeDefined()
      return last().error
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}
