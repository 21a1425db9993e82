// The checks of a set of instances: each asked in its own time, so many at once, and what follows from the answers.
import type { Clock, Random, Timer } from '@tenon/endpoint'
import { type Instance, place } from './instance.ts'
import type { Probe } from './probe.ts'

/** The rules of {@link checks}, complete. */
export interface CheckRules {
  readonly probe: Probe
  readonly interval: number
  readonly jitter: number
  readonly timeout: number
  readonly healthy: number
  readonly unhealthy: number
  readonly concurrency: number
  readonly clock: Clock
  readonly random: Random
}

/** Hears whose state has changed, and why. `gone`: it is asked no more. */
export type HealthListener = (
  instance: Instance,
  from: Health,
  to: Exclude<Health, 'unknown'> | 'gone',
  cause?: unknown,
) => void

/** `unknown`: it was not asked yet. */
export type Health = 'unknown' | 'healthy' | 'unhealthy'

export interface Checks {
  /** These are asked from now on, and no others. Who stays keeps its state. */
  become(instances: readonly Instance[]): void
  /** All instances, those that are well, and of how many nothing is known yet. */
  result(): { readonly all: readonly Instance[]; readonly well: readonly Instance[]; readonly unknown: number }
  stop(): void
}

interface Check {
  instance: Instance
  state: Health
  /** Answers in a row that speak against its state. */
  row: number
  /** The next probe, or the limit of the one that runs. */
  timer: Timer | undefined
  /** The probe that runs. */
  running: AbortController | undefined
}

/** `changed` is told when an answer has changed somebody's state, after `tell` of whom and why. */
export function checks(rules: CheckRules, changed: () => void, tell: HealthListener): Checks {
  const { probe, interval, jitter, timeout, concurrency, clock, random } = rules
  let current = new Map<string, Check>()
  /** Those whose turn it is, while too many are asked. */
  const queue = new Set<Check>()
  let running = 0

  function pump(): void {
    for (const check of queue) {
      if (running >= concurrency) return
      queue.delete(check)
      ask(check)
    }
  }

  function ask(check: Check): void {
    const asking = new AbortController()
    check.running = asking
    running++
    const done = (well: boolean, cause?: unknown): void => {
      // Its time was up before, or it is gone.
      if (check.running !== asking) return
      end(check)
      check.timer = clock.at(clock.now() + interval * (1 + jitter * (2 * random() - 1)), () => {
        queue.add(check)
        pump()
      })
      judge(check, well, cause)
      pump()
    }
    check.timer = clock.at(clock.now() + timeout, () => done(false, new Error(`no answer within ${timeout} ms`)))
    new Promise<boolean>((resolve) => resolve(probe(check.instance, { signal: asking.signal }))).then(
      (well) => done(well === true, well === true ? undefined : new Error('the probe says that it is not well')),
      (cause) => done(false, cause),
    )
  }

  function drop(check: Check): void {
    end(check)
    if (check.state !== 'unknown') tell(check.instance, check.state, 'gone')
  }

  /** Lets go of its probe, and of its timer. */
  function end(check: Check): void {
    check.timer?.cancel()
    check.timer = undefined
    queue.delete(check)
    if (check.running === undefined) return
    const asking = check.running
    check.running = undefined
    running--
    asking.abort()
  }

  function judge(check: Check, well: boolean, cause: unknown): void {
    const to = well ? 'healthy' : 'unhealthy'
    const { state: from } = check
    if (from === to) {
      check.row = 0
      return
    }
    // The first answer counts by itself: until then there is nothing to stay with.
    if (from !== 'unknown' && ++check.row < rules[to]) return
    check.state = to
    check.row = 0
    tell(check.instance, from, to, cause)
    changed()
  }

  return {
    become(instances) {
      const before = current
      current = new Map()
      for (const instance of instances) {
        const key = place(instance)
        const check: Check = before.get(key) ?? {
          instance,
          state: 'unknown',
          row: 0,
          timer: undefined,
          running: undefined,
        }
        check.instance = instance
        current.set(key, check)
        if (!before.has(key)) queue.add(check)
      }
      for (const [key, check] of before) if (!current.has(key)) drop(check)
      pump()
    },
    result() {
      const every = [...current.values()]
      return {
        all: every.map(({ instance }) => instance),
        well: every.filter(({ state }) => state === 'healthy').map(({ instance }) => instance),
        unknown: every.filter(({ state }) => state === 'unknown').length,
      }
    },
    stop() {
      for (const check of current.values()) drop(check)
      current = new Map()
    },
  }
}
