// From the wish to hold something until it is let go: asked for again and again, renewed while it is held, taken for lost
// before the registry can give it to somebody else.
import type { Failure, LockTransition, Timer } from '@tenon/endpoint'
import type { Held } from './lock.ts'
import type { Acquired, LockPort } from './lock-port.ts'
import type { LockWorld } from './lock-world.ts'
import { type NotHeld, notHeld } from './not-held.ts'
import { callRegistry } from './registry-call.ts'

/** Something that is held. */
export interface Tenure {
  readonly held: Held
  /** Was it lost? */
  lost(): boolean
  /** Tells the holder to stop. It is renewed until it has. */
  dismiss(why: NotHeld): void
  /** The holder has stopped: gives it back. Never rejects. */
  end(): Promise<void>
  /** The holder does not stop: it is not renewed any more, and not given back either, since its work goes on. */
  abandon(): void
}

/** A watch that hears nothing is begun anew after so many milliseconds: it may have lost its connection. */
const watchFor = 60_000

/** A watch that took so long was not in vain: tries start over from the shortest wait. */
const worthwhile = 1_000

/** Waits for it until `end` of the clock, or until `stop` aborts. What it comes to; never rejects. */
export async function seize(world: LockWorld, end: number, stop: AbortSignal): Promise<Tenure | NotHeld> {
  const { key, clock, timeout, retry, random, ttl, margin } = world
  const port = world.port()
  const cuts = [{ signal: stop, after: 0 }]
  let failure: { readonly cause: unknown } | undefined
  let over = false
  /** A call that was given up was granted after all. What another one has got since then is not to be let go. */
  const late = (): void => {
    if (over) void release(world, port)
  }
  for (let tries = 1, wait = 0; ; tries++) {
    const sent = clock.now()
    let answer: Acquired | undefined
    try {
      // Who does not wait has one try all the same.
      const time = end > sent ? Math.min(timeout, end - sent) : timeout
      answer = await callRegistry(clock, time, (call) => port.acquire(call), cuts, late)
      failure = undefined
    } catch (cause) {
      failure = { cause }
      if (!stop.aborted) world.failed('acquire', cause)
      // A candidate for a lead has nobody to tell; whoever waits for a lock is told at once.
      if (end !== Number.POSITIVE_INFINITY && isRefusal(cause)) break
    }
    if (stop.aborted) break
    if (answer?.token !== undefined) {
      // What took longer to come than it lasts is worth nothing: it is asked for again.
      if (clock.now() < sent + ttl - margin) return tenure(world, port, answer.token, sent)
    } else if (answer !== undefined) {
      world.takenBy(answer.holder)
      const left = end - clock.now()
      if (port.watch !== undefined && left > 0) {
        const { watch } = port
        const began = clock.now()
        try {
          await callRegistry(clock, Math.min(left, watchFor), (call) => watch(call), cuts)
        } catch (cause) {
          const patience = clock.now() - began >= Math.min(left, watchFor)
          if (!stop.aborted && !patience) world.failed('watch', cause)
        }
        if (clock.now() - began >= worthwhile) tries = 1
      }
    }
    const now = clock.now()
    if (stop.aborted || now >= end) break
    wait = retry.next(tries, wait, random)
    // All who waited for the same thing hear of it at once.
    await clock.sleep(Math.min(wait, end - now), stop)
    if (stop.aborted || clock.now() >= end) break
  }
  over = true
  // Nobody waits for that: the next try has calls of its own.
  void release(world, port)
  if (stop.aborted) return notHeld(key, 'cancelled')
  if (failure === undefined) return notHeld(key, 'taken')
  return notHeld(key, isRefusal(failure.cause) ? 'refused' : 'unreachable', failure.cause)
}

/** Would it be refused again, and for ever? */
const isRefusal = (cause: unknown): boolean =>
  (cause as Partial<Failure> | null | undefined)?.code === 'invalid_argument'

function tenure(world: LockWorld, port: LockPort, token: bigint, since: number): Tenure {
  const { key, clock, ttl, margin, timeout, random } = world
  const controller = new AbortController()
  const over = new AbortController()
  let lost = false
  let expires = since + ttl - margin
  let timer: Timer | undefined

  function lose(why: LockTransition['lost']): void {
    if (over.signal.aborted) return
    lost = true
    finish()
    controller.abort(notHeld(key, 'lost'))
    world.become('lost', { lost: why })
  }

  function finish(): void {
    timer?.cancel()
    over.abort()
  }

  function renewed(at: number): void {
    expires = at + ttl - margin
    timer?.cancel()
    timer = clock.at(expires, () => lose('expired'))
  }

  async function renewing(): Promise<void> {
    const cuts = [{ signal: over.signal, after: 0 }]
    for (let every = ttl / 3; ; ) {
      await clock.sleep(every * (1 - random() / 10), over.signal)
      if (over.signal.aborted) return
      const sent = clock.now()
      try {
        const left = Math.max(1, Math.min(timeout, expires - sent))
        const ours = await callRegistry(clock, left, (call) => port.renew(call), cuts)
        if (over.signal.aborted) return
        if (!ours) return lose('revoked')
        renewed(sent)
        world.answered()
        every = ttl / 3
      } catch (cause) {
        if (over.signal.aborted) return
        world.failed('renew', cause)
        every = ttl / 20
      }
    }
  }

  renewed(since)
  void renewing()
  return {
    held: {
      key,
      token,
      signal: controller.signal,
      remaining: () => (over.signal.aborted ? 0 : Math.max(0, expires - clock.now())),
    },
    lost: () => lost,
    dismiss: (why) => controller.abort(why),
    async end() {
      finish()
      controller.abort(notHeld(key, 'released'))
      await release(world, port)
    },
    abandon: finish,
  }
}

async function release(world: LockWorld, port: LockPort): Promise<void> {
  try {
    await callRegistry(world.clock, world.timeout, (call) => port.release(call), [])
  } catch (cause) {
    // It frees itself when its time to live is over.
    world.failed('release', cause)
  }
}
