// What every subject of the suite does, and the proof that it did: a call that goes ahead, one that is refused, and sixteen
// at once of which four may be under way.
import assert from 'node:assert/strict'
import type { Subject } from '../harness/suite.ts'

/** What the handlers have seen. */
export const seen = { calls: 0, now: 0, most: 0 }

/** What is limited: an async function that has its answer at once. */
export async function handler(n: number): Promise<number> {
  seen.calls++
  return n + 1
}

/** The same, with a hop in the middle, so that several can be under way. */
export async function hopping(n: number): Promise<number> {
  seen.calls++
  seen.now++
  if (seen.now > seen.most) seen.most = seen.now
  await undefined
  seen.now--
  return n + 1
}

/** A call; `'refused'` where it was not made. */
export type Limited = (n: number) => Promise<number | 'refused'>

/** A subject whose calls all go ahead. `call` is what is timed, and `limited` the same, in words of the proof. */
export const going = (call: () => unknown, limited: Limited): Subject => ({
  call,
  async check() {
    const { calls } = seen
    for (let n = 0; n < 1_000; n++) assert.equal(await limited(n), n + 1)
    assert.equal(seen.calls - calls, 1_000, 'each call is made once')
  },
})

/** A subject whose calls are all refused. */
export const refusing = (call: () => unknown, limited: Limited): Subject => ({
  call,
  async check() {
    const { calls } = seen
    for (let n = 0; n < 1_000; n++) assert.equal(await limited(n), 'refused')
    assert.equal(seen.calls - calls, 0, 'no call is made')
  },
})

/** Calls at once, and how many of them may be under way. */
export const crowd = { calls: 16, places: 4 }
const numbers = Array.from({ length: crowd.calls }, (_, n) => n)

/** A subject that makes sixteen calls at once, four of which may be under way: the others wait. */
export const crowding = (limited: (n: number) => Promise<unknown>, answer: Limited): Subject => ({
  times: crowd.calls,
  call: () => Promise.all(numbers.map(limited)),
  async check() {
    seen.most = 0
    const { calls } = seen
    assert.deepEqual(
      await Promise.all(numbers.map(answer)),
      numbers.map((n) => n + 1),
    )
    assert.equal(seen.calls - calls, crowd.calls, 'each call is made once')
    assert.equal(seen.most, crowd.places, 'as many are under way as may, and no more')
  },
})
