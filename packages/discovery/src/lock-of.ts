// A lock of a registry's calls: what every backend's locks are made with.
import { fail, ok } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Lock } from './lock.ts'
import { type LockOptions, lockWorld } from './lock-world.ts'
import { type NotHeld, notHeld } from './not-held.ts'
import { seize } from './tenure.ts'
import { waiting } from './waiting.ts'

/** Who may wait for one lock in one process at once. */
const lineLimit = 10_000

/** @throws TypeError or RangeError on a bad option. */
export function lockOf(options: LockOptions): Lock {
  const world = lockWorld('lock', options)
  const { key, clock, drainTimeout } = world
  /** The registry knows one holder for all who use this value: they come in turn. */
  let busy = false
  let abandon = nothing
  const line = waiting(clock, lineLimit)
  const idle = waiting(clock, lineLimit)
  const closing = new AbortController()
  let closed: Promise<void> | undefined

  return {
    key,
    view: world.view,
    subscribe: world.subscribe,
    async hold(work, { wait = 10_000, signal } = {}) {
      functionOption(`lock ${key}`, 'work', work)
      numberOption(`lock ${key}`, 'wait', wait, { min: 0, unit: 'milliseconds' })
      const stopping = new AbortController()
      const stop = stopping.signal
      let onStop = line.look
      const heed = (): void => {
        stopping.abort()
        onStop()
      }
      const why = (otherwise: NotHeld): NotHeld =>
        closing.signal.aborted ? notHeld(key, 'closed') : stop.aborted ? notHeld(key, 'cancelled') : otherwise
      const signals = signal === undefined ? [closing.signal] : [closing.signal, signal]
      for (const one of signals) {
        if (one.aborted) stopping.abort()
        else one.addEventListener('abort', heed)
      }
      const end = clock.now() + wait
      let turn = false
      const take = (): boolean => {
        if (!turn && !busy && !stop.aborted) turn = busy = true
        return turn || stop.aborted
      }
      try {
        if (!take()) await line.until(take, wait)
        if (!turn) return fail(why(notHeld(key, 'taken')))
        onStop = nothing
        world.become('waiting')
        const got = await seize(world, end, stop)
        if ('_tag' in got) return fail(why(got))
        onStop = () => got.dismiss(why(notHeld(key, 'cancelled')))
        abandon = got.abandon
        world.become('held', { token: got.held.token })
        try {
          // It may have been lost, or not be wanted any more, by now.
          const answer = await work(got.held)
          return got.lost() ? fail(notHeld(key, 'lost')) : ok(answer)
        } finally {
          await got.end()
        }
      } finally {
        for (const one of signals) one.removeEventListener('abort', heed)
        if (turn) {
          abandon = nothing
          busy = false
          world.become(closing.signal.aborted ? 'closed' : 'idle')
          line.look()
          idle.look()
        }
      }
    },
    [Symbol.asyncDispose]() {
      closed ??= (async () => {
        closing.abort()
        if (!busy) return world.become('closed')
        await idle.until(() => !busy, drainTimeout)
        abandon()
      })()
      return closed
    },
  }
}

const nothing = (): void => {}
