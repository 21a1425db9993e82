// Every attack, as much of it as a test can afford: what its sender gets, that others are answered meanwhile, and that
// memory is what it was. The whole of it: test/hostile/main.ts.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { families } from './cases/families.ts'
import { document } from './document.ts'
import { type Outcome, run } from './harness/run.ts'
import type { Stage } from './harness/stage.ts'
import { groups, stageFor } from './harness/stages.ts'
import { keyOf, readResults } from './results.ts'

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

    it('then nobody else feels it, and nothing of it is kept', () => {
      expect(outcome.wrong).toEqual([])
    })
  })
})

describe('docs/hostile-input.md', () => {
  const results = readResults()

  it('given every attack, when the document is read, then each was measured, and the document says what came of it', () => {
    const keys = families.flatMap((family) => family.attacks.map((attack) => keyOf(family, attack)))
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => !(key in results.rows))).toEqual([])
    const file = new URL('../../docs/hostile-input.md', import.meta.url)
    expect(readFileSync(file, 'utf8'), 'npm run exec -- node test/hostile/main.ts --write nothing').toBe(
      document(families, results),
    )
  })
})
