// One blocking query after the other, by the book: what is there is told once, and every change as soon as Consul knows it.
// After "Blocking Queries" in the documentation of Consul's HTTP API; where the book is silent, why stands at the line.
import type { Answer, Asked } from './ask.ts'
import type { ConsulError } from './failure.ts'
import { lineTo } from './line.ts'
import type { Settings } from './options.ts'
import { pulseOf } from './pulse.ts'
import { modeOf, type Read, type Reads } from './reads.ts'

/** What is watched. */
export interface Watched<T> {
  /** For messages: `watching orders`. */
  readonly what: string
  readonly read: Omit<Read, 'failures'>
  readonly reads: Reads
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  /** What else is an answer, beside success: 404 where it may be missing. */
  readonly statuses?: readonly number[]
  /** What tells one state from the next: the index of Consul's servers, or the hash of what the agent knows by itself. Default `'index'`. */
  readonly mark?: 'index' | 'hash'
  /** What an answer says. What it throws counts as a failure of Consul. */
  readonly parse: (answer: Answer) => T
}

/** Who hears of it. */
export interface Watcher<T> {
  value(value: T): void
  fail(error: unknown): void
}

/** Consul adds up to a sixteenth to the wait, so that not all come back at once; and an answer has some way to go. */
const slack = (wait: number): number => wait / 16 + 2_000

/** Answers that may follow one another at once, and how long each takes to be allowed again: a bound on what churn costs. */
const burst = 10
const refill = 100

/** Without an index (a proxy took the header away, or Consul has none yet) a query cannot block: it is polled. */
const poll = 1_000

/** Watches until it is stopped; what it answers then resolves once nothing is left of it. */
export function watching<T>(settings: Settings, watched: Watched<T>, watcher: Watcher<T>): () => Promise<void> {
  const { clock, random, backoff, timeout, wait } = settings
  const stopping = new AbortController()
  const { signal } = stopping
  const line = lineTo(settings)
  const pulse = pulseOf(settings)
  const { mark = 'index' } = watched
  /** The index, or the hash, of what is known; nothing, where it is asked from the start. */
  let known = ''
  /** The index of what was told last. */
  let told = 0
  /** The answer was none to go by: the same is asked anew. */
  let again = false
  let failures = 0
  let paused = 0
  let allowed = burst
  let counted = clock.now()

  function ask(): Promise<Answer> {
    // A new connection may be one to an agent that has started anew: it would sleep out the wait for an index that it
    // has not reached yet, and tell nothing of what changes meanwhile.
    if (!line.open) known = ''
    const { what, path, statuses = [], read } = watched
    // A leader that has just come answers before it has read its own log to the end: instances would seem to be gone.
    const reads = watched.reads === 'default' && mark === 'index' && failures > 0 ? 'consistent' : watched.reads
    const blocking: [string, string][] =
      known === ''
        ? []
        : [
            [mark, known],
            ['wait', `${Math.round(wait)}ms`],
          ]
    const asked = {
      what,
      path,
      statuses,
      query: [...watched.query, ...modeOf('consul', reads, { ...read, failures }), ...blocking],
      timeout: known === '' ? timeout : wait + slack(wait),
      signal,
    }
    return known === '' ? line.ask(asked) : patiently(asked)
  }

  /** Asks, and waits for as long as the agent is there. */
  async function patiently(asked: Asked): Promise<Answer> {
    let silent: ConsulError | undefined
    using _ = pulse.watch((error) => {
      silent = error
      line.close()
    })
    try {
      return await line.ask(asked)
    } catch (error) {
      throw silent ?? error
    }
  }

  /** Waits until another answer may come. */
  async function pace(): Promise<void> {
    const now = clock.now()
    allowed = Math.min(burst, allowed + (now - counted) / refill)
    counted = now
    if (allowed < 1) await clock.sleep((1 - allowed) * refill, signal)
    allowed--
  }

  async function pause(since: number, timedOut: boolean): Promise<void> {
    paused = backoff.next(failures, paused, random)
    // Whoever waited in vain has waited enough; whoever was sent away comes back a little later than the others.
    const spent = timedOut ? clock.now() - since : 0
    if (paused > spent) await clock.sleep(paused - spent, signal)
  }

  function hear(answer: Answer): void {
    const value = watched.parse(answer)
    again = false
    // A server without a leader that lags behind what is known: the leader went before it could tell it. What is known
    // stays, with the trouble beside it.
    if (!answer.led && answer.index < told) {
      known = ''
      return
    }
    // An index that went backwards: Consul was set back, or this is a server that lags behind. Asked from the start it tells
    // what holds, so this answer is nobody's.
    again = mark === 'index' && answer.index > 0 && answer.index < Number(known)
    const next = mark === 'hash' ? answer.hash : answer.index > 0 ? String(answer.index) : ''
    known = again ? '' : next
    failures = 0
    paused = 0
    if (again) return
    told = answer.index
    watcher.value(value)
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      const since = clock.now()
      try {
        hear(await ask())
        await (known === '' && !again ? clock.sleep(poll, signal) : pace())
      } catch (error) {
        if (signal.aborted) return
        known = ''
        failures++
        line.close()
        watcher.fail(error)
        await pause(since, (error as { trouble?: unknown }).trouble === 'timeout')
      }
    }
  }

  const looping = loop().finally(line.close)
  return () => {
    stopping.abort()
    return looping
  }
}
