// Every attack of some families as tests: as much of each as a test can afford.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Family } from './attack.ts'
import { type Outcome, run } from './run.ts'
import type { Stage } from './stage.ts'
import { groups, stageFor } from './stages.ts'

/** What a sender gets, that others are answered meanwhile, that the operator hears of it, and that memory is what it was. */
export function suite(families: readonly Family[]): void {
  const stages = new Map<string, Stage>()
  afterAll(async () => {
    for (const stage of stages.values()) await stage[Symbol.asyncDispose]()
  })

  describe.each(families)('given hostile input: $title', (family) => {
    describe.each(groups(family, 'quick'))('on %#', ({ attacks, on }) => {
      let outcome: Outcome
      beforeAll(async () => {
        const stage = stages.get(on) ?? (await stageFor(family, attacks[0] as never, 'quick'))
        stages.set(on, stage)
        outcome = await run(attacks, stage, 'quick')
      }, 120_000)

      it.each(attacks)('when it is $sends, then the other side gets what it must', (attack) => {
        expect(outcome.each.find((one) => one.attack === attack)?.wrong).toEqual([])
      })

      it('then nobody else feels it, the operator hears of it, and nothing of it is kept', () => {
        expect(outcome.wrong).toEqual([])
      })
    })
  })
}
