// What holds for any retry, whatever the endpoint answers and however long it takes.
import { background, endpoint, type Failure, fail, type Outcome, ok, run, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { type Budget, list } from '@tenon/policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retry } from './retry.ts'

type End = 'ok' | 'unavailable' | 'not_found' | 'throw'
interface Step {
  readonly end: End
  readonly takes: number
  readonly asks: number
}
const step: fc.Arbitrary<Step> = fc.record({
  end: fc.constantFrom<End>('unavailable', 'unavailable', 'unavailable', 'ok', 'not_found', 'throw'),
  takes: fc.constantFrom(0, 0, 5, 40),
  asks: fc.constantFrom(0, 0, 0, 25, 500),
})
const plan = fc.record({
  steps: fc.array(step, { minLength: 12, maxLength: 12 }),
  attempts: fc.integer({ min: 1, max: 8 }),
  waits: fc.array(fc.constantFrom(0, 1, 10, 60), { minLength: 1, maxLength: 4 }),
  within: fc.constantFrom(30, 100, Number.POSITIVE_INFINITY),
  deadline: fc.constantFrom(20, 90, Number.POSITIVE_INFINITY),
  allowed: fc.integer({ min: 0, max: 8 }),
  idempotent: fc.boolean(),
})

describe('a retry', () => {
  it("given anything, then it repeats only what it may, in time and paid for, and its result is the last attempt's", async () => {
    const reasons = new Set<string>()
    await fc.assert(
      fc.asyncProperty(plan, async ({ steps, attempts, waits, within, deadline, allowed, idempotent }) => {
        const clock = virtualClock()
        const events: Telemetry[] = []
        const made: { readonly from: number; to: number; readonly step: Step; outcome: Outcome | undefined }[] = []
        let spent = 0
        const paid: Budget = { deposit: () => {}, withdraw: () => spent < allowed && ++spent > 0, balance: () => 0 }
        const inner = endpoint(async () => {
          const next = steps[made.length] as Step
          const attempt = { from: clock.now(), to: Number.NaN, step: next, outcome: undefined as Outcome | undefined }
          made.push(attempt)
          await clock.sleep(next.takes)
          attempt.to = clock.now()
          if (next.end === 'throw') throw new Error('bug')
          const failure = { _tag: 'F', code: next.end, message: '', retryAfter: next.asks } as Failure
          attempt.outcome = next.end === 'ok' ? ok('value') : fail(failure)
          return attempt.outcome as ReturnType<typeof ok<string>>
        })
        const tested = retry({
          attempts,
          backoff: list(waits),
          within,
          idempotent,
          clock,
          budget: paid,
          onTelemetry: (event) => void events.push(event),
        })(inner)
        const answer = run(tested, undefined, background({ clock, deadline }))
        await clock.advance(10_000)
        const result = await answer

        const last = made[made.length - 1]
        if (last?.outcome === undefined) expect(result).toMatchObject({ left: { _tag: 'Defect' } })
        else expect(result).toBe(last.outcome)
        expect(made.length).toBeLessThanOrEqual(idempotent ? attempts : 1)
        expect(spent).toBe(made.length - 1)
        expect(events.filter((event) => event.kind === 'retry.attempt')).toHaveLength(made.length - 1)
        for (const [i, attempt] of made.entries()) {
          const before = made[i - 1]
          if (before === undefined) continue
          expect(before.step.end).toBe('unavailable')
          expect(attempt.from - before.to).toBe(Math.max(waits[Math.min(i, waits.length) - 1] ?? 0, before.step.asks))
          expect(attempt.from).toBeLessThan(deadline)
          expect(attempt.from).toBeLessThan(within)
        }
        // It stops for a reason, and says which.
        const [exhausted] = events.filter((event) => event.kind === 'retry.exhausted')
        const mightGoOn = idempotent && last?.step.end === 'unavailable'
        expect(exhausted !== undefined).toBe(mightGoOn)
        if (exhausted?.kind === 'retry.exhausted' && last !== undefined) {
          const wait = Math.max(waits[Math.min(made.length, waits.length) - 1] ?? 0, last.step.asks)
          const inTime = last.to + wait < Math.min(deadline, within)
          const why = made.length === attempts ? 'attempts' : inTime ? 'budget' : 'deadline'
          expect(exhausted.why).toBe(why)
          if (why === 'budget') expect(spent).toBe(allowed)
          reasons.add(why)
        }
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 300, seed: 30 },
    )
    expect([...reasons].sort()).toEqual(['attempts', 'budget', 'deadline'])
  })
})
