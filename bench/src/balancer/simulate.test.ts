import { describe, expect, it } from 'vitest'
import { type Scenario, scenarios } from './scenario.ts'
import { type Run, simulate } from './simulate.ts'
import { expectedTime } from './simulated.ts'
import { strategies } from './strategies.ts'
import type { StrategyName } from './subjects.ts'

const scenario = (name: string): Scenario => scenarios.find((each) => each.name === name) as Scenario
const run = (name: string, strategy: StrategyName, seed = 1, lasts = 5_000): Promise<Run> =>
  simulate(scenario(name), strategies[strategy], seed, lasts)
const mean = ({ times }: Run): number => times.reduce((sum, time) => sum + time, 0) / times.length

describe('a simulated run', () => {
  it('given the same seed, then the same run to the last bit; given another, another', async () => {
    expect(await run('slow', 'p2c')).toEqual(await run('slow', 'p2c'))
    expect(await run('slow', 'p2c', 2)).not.toEqual(await run('slow', 'p2c', 1))
  })

  it('given another strategy, then the same calls, and all of them have ended', async () => {
    const [turns, choices] = [await run('slow', 'roundRobin'), await run('slow', 'p2c')]
    expect(turns.times.length).toBe(choices.times.length)
    for (const { jobs, times } of [turns, choices]) expect(jobs.reduce((sum, each) => sum + each, 0)).toBe(times.length)
  })

  it('given calls that go anywhere at random, then they take as long as queueing theory says', async () => {
    const runs: Run[] = []
    for (let seed = 1; seed <= 5; seed++) runs.push(await run('even', 'random', seed, 20_000))
    const all = runs.reduce((sum, each) => sum + mean(each), 0) / runs.length
    expect(Math.abs(all / expectedTime - 1)).toBeLessThan(0.05)
  })

  it('given a strategy that knows every queue, then no other is quicker', async () => {
    for (const { name, strategies: names } of scenarios) {
      const best = mean(await run(name, 'oracle'))
      // One that fails at once is quick, and no answer.
      for (const other of names.filter((each) => each !== 'oracle'))
        if (name !== 'failing') expect(mean(await run(name, other)), `${name}: ${other}`).toBeGreaterThan(best)
    }
  })

  it('given one that fails and one that hangs, then round robin fails a tenth of the calls, and who hangs keeps callers until they give up', async () => {
    const [fails, hangs] = [await run('failing', 'roundRobin'), await run('hanging', 'roundRobin')]
    for (const { failed, times } of [fails, hangs]) expect(failed / times.length).toBeCloseTo(0.1, 2)
    expect(fails.times.filter((time) => Math.abs(time - 1) < 1e-6).length).toBe(fails.failed)
    expect(hangs.times.filter((time) => Math.abs(time - 1_000) < 1e-6).length).toBe(hangs.failed)
  })
})
