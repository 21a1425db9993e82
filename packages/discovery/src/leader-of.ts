// An election of a registry's calls: what every backend's leaders are made with.
import { functionOption } from '@tenon/policy'
import type { Leader, Leading } from './lock.ts'
import { type LockOptions, lockWorld } from './lock-world.ts'
import { notHeld } from './not-held.ts'
import { seize } from './tenure.ts'
import { waiting } from './waiting.ts'

/** What a leader is made of. */
export interface LeaderOptions extends LockOptions, Pick<Leading, 'lead'> {}

/** A term that lasted so long, in milliseconds, was none that ended at once: waits start over from the shortest. */
const worthwhile = 10_000

/** @throws TypeError or RangeError on a bad option. */
export function leaderOf(options: LeaderOptions): Leader {
  const world = lockWorld('leader', options, { lead: true })
  const { key, clock, random, retry, drainTimeout } = world
  const lead = options.lead === undefined ? undefined : functionOption(`leader ${key}`, 'lead', options.lead)
  const stopping = new AbortController()
  const stop = stopping.signal
  let abandon = nothing
  let campaign: Promise<void> | undefined
  let over = false
  const ends = waiting(clock, 10_000)
  let closed: Promise<void> | undefined

  async function term(): Promise<void> {
    world.become('waiting')
    const got = await seize(world, Number.POSITIVE_INFINITY, stop)
    if ('_tag' in got) return
    const { held } = got
    const resign = (): void => got.dismiss(notHeld(key, 'closed'))
    stop.addEventListener('abort', resign)
    abandon = got.abandon
    world.become('held', { token: held.token })
    try {
      if (lead === undefined) await new Promise<void>((resolve) => onAbort(held.signal, resolve))
      else await lead(held)
    } catch (cause) {
      world.failed('lead', cause)
    } finally {
      stop.removeEventListener('abort', resign)
      await got.end()
      abandon = nothing
    }
  }

  async function run(): Promise<void> {
    for (let short = 0; !stop.aborted; ) {
      const began = clock.now()
      await term()
      if (stop.aborted) break
      world.become('waiting')
      short = clock.now() - began >= worthwhile ? 1 : short + 1
      // Whoever has just led leaves it to the others for a moment.
      await clock.sleep(retry.next(short, 0, random), stop)
    }
    over = true
    world.become('closed')
    ends.look()
  }

  async function resign(signal: AbortSignal | undefined): Promise<void> {
    stopping.abort()
    if (campaign === undefined) return world.become('closed')
    const cutShort = (): void => ends.look()
    signal?.addEventListener('abort', cutShort)
    await ends.until(() => over || signal?.aborted === true, drainTimeout)
    signal?.removeEventListener('abort', cutShort)
    abandon()
  }

  const drain = ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> => {
    closed ??= resign(signal)
    return closed
  }
  return {
    name: `leader of ${key}`,
    key,
    view: world.view,
    subscribe: world.subscribe,
    async start() {
      if (stop.aborted) throw new TypeError(`leader ${key}: it has been drained; make another one`)
      campaign ??= run()
    },
    drain,
    [Symbol.asyncDispose]: () => drain(),
  }
}

const nothing = (): void => {}

const onAbort = (signal: AbortSignal, run: () => void): void => {
  if (signal.aborted) run()
  else signal.addEventListener('abort', run, { once: true })
}
