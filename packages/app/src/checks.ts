// Checks of readiness: each within its time, none of them twice at once, however often somebody asks.
import type { Clock } from '@tenon/endpoint'
import { begun, late, within } from './deadline.ts'

/** Answers whether something that the app needs is there. `false`, a throw and no answer in time all say no. */
export type Check = (options: { readonly signal: AbortSignal }) => boolean | Promise<boolean>

/** What a check said. */
export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** Why not. Never what was thrown: that may hold addresses and secrets. */
  readonly why?: string
}

/** A function that runs all checks, and answers those who ask meanwhile with the same results. */
export function checker(
  checks: Readonly<Record<string, Check>>,
  timeout: number,
  clock: Clock,
): () => Promise<readonly CheckResult[]> {
  const runs = Object.entries(checks).map(([name, check]) => once(name, check, timeout, clock))
  let round: Promise<readonly CheckResult[]> | undefined
  return () => {
    round ??= Promise.all(runs.map((run) => run())).finally(() => {
      round = undefined
    })
    return round
  }
}

function once(name: string, check: Check, timeout: number, clock: Clock): () => Promise<CheckResult> {
  let hanging = false
  return async () => {
    // One that ignores its signal would otherwise pile up, probe by probe.
    if (hanging) return { name, ok: false, why: 'the check before has not ended yet' }
    const controller = new AbortController()
    hanging = true
    const work = begun(() => check({ signal: controller.signal })).finally(() => {
      hanging = false
    })
    try {
      const answer = await within(clock, timeout, work)
      if (answer === true) return { name, ok: true }
      if (answer !== late) return { name, ok: false, why: 'the check said no' }
      controller.abort()
      return { name, ok: false, why: `no answer within ${timeout} ms` }
    } catch {
      return { name, ok: false, why: 'the check threw' }
    }
  }
}
