// The call that every breaker is put around, and the proof that it is made, or that it is not.
import assert from 'node:assert/strict'
import { type Endpoint, endpoint, type Failure, fail, ok } from '@tenon/endpoint'
import type { Subject } from '../../harness/suite.ts'

export interface Order {
  readonly quantity: number
  readonly price: number
}

export const order: Order = { quantity: 6, price: 7 }

/** How often the dependency was called. */
export const seen = { calls: 0 }

export const total = ({ quantity, price }: Order): number => {
  seen.calls++
  return quantity * price
}

/** Every tenth call fails: enough to see what a failure costs, too few for any of the breakers to open. */
export const isTenth = (): boolean => seen.calls % 10 === 9

export type Unreachable = Failure<'Unreachable', 'unavailable'>
export const unreachable: Unreachable = { _tag: 'Unreachable', code: 'unavailable', message: 'not reachable' }
/** Made once: what the libraries add to a failure is measured, not what an `Error` costs. */
export const unreachableError: Error = new Error('not reachable')

// The dependency, in the two forms.
export const good = async (order: Order): Promise<number> => total(order)
export const tenth = async (order: Order): Promise<number> => {
  const fails = isTenth()
  const sum = total(order)
  if (fails) throw unreachableError
  return sum
}
export const goodEndpoint: Endpoint<Order, number> = endpoint(async (order: Order) => ok(total(order)))
export const tenthEndpoint: Endpoint<Order, number, Unreachable> = endpoint(async (order: Order) => {
  const fails = isTenth()
  const sum = total(order)
  return fails ? fail(unreachable) : ok(sum)
})

/** What a call answers: the total, or whatever says that there is none. */
type Call = () => Promise<unknown>

/** The call is made each time, and its answer comes out. */
export const succeeding = (call: Call, answer: (value: unknown) => unknown = (value) => value): Subject => ({
  call,
  async check() {
    const before = seen.calls
    for (let i = 0; i < 100; i++) assert.equal(answer(await call()), 42)
    assert.equal(seen.calls - before, 100)
  },
})

/** The call is made each time; a failure is caught, as somebody must in the end. */
export const failingNowAndThen = (call: Call): Subject => ({
  call,
  async check() {
    const before = seen.calls
    for (let i = 0; i < 100; i++) await call()
    assert.equal(seen.calls - before, 100)
  },
})

/** No call is made. `open` is done before the first one. */
export const refusing = (call: Call, open: () => Promise<void>, isRefused: (value: unknown) => boolean): Subject => {
  let opened: Promise<void> | undefined
  return {
    call,
    async check() {
      opened ??= open()
      await opened
      const before = seen.calls
      for (let i = 0; i < 100; i++) assert.ok(isRefused(await call()))
      assert.equal(seen.calls, before)
    },
  }
}
