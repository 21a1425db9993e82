import { describe, expect, it } from 'vitest'
import { joined, type Part } from './joined.ts'
import type { Plan } from './suite.ts'

const part = (name: string, takes: number, steps: string[]): Part => ({
  takes,
  holds: (filter) => name.includes(filter),
  async run({ progress }) {
    progress.step(1, 2, name)
    steps.push(name)
    return { rows: [], targets: [{ name, measured: 1, limit: 1, met: true }], selfChecks: [], partial: false }
  },
})

const plan = (more: Partial<Plan> = {}): Plan => ({
  quick: false,
  rounds: undefined,
  time: undefined,
  filter: undefined,
  seed: 1,
  signal: new AbortController().signal,
  progress: { step() {} },
  ...more,
})

describe('a suite of parts', () => {
  const steps: string[] = []
  const suite = joined({ name: 'both', does: '' }, [part('one', 1, steps), part('two', 3, steps)])

  it('given no filter, then all parts run in turn, and progress is told in shares of the whole', async () => {
    const told: string[] = []
    const step = (done: number, total: number, now: string): void => void told.push(`${now} ${done / total}`)
    const found = await suite.run(plan({ progress: { step } }))
    expect(found.targets.map(({ name }) => name)).toEqual(['one', 'two'])
    expect(told).toEqual(['one 0.13', 'two 0.63'])
  })

  it('given a filter, then only the parts that hold it run; when none does, that is said', async () => {
    steps.length = 0
    await suite.run(plan({ filter: 'tw' }))
    expect(steps).toEqual(['two'])
    await expect(suite.run(plan({ filter: 'three' }))).rejects.toThrow('nothing of "both" contains "three"')
  })

  it('given a quick run of parts that may run at once, then all of them are begun before one has ended', async () => {
    const begun: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = (name: string): Part => ({
      ...part(name, 1, []),
      async run() {
        begun.push(name)
        if (begun.length === 2) resolve()
        await promise
        return { rows: [], targets: [], selfChecks: [{ name, passed: true }], partial: false }
      },
    })
    const both = joined({ name: 'both', does: '' }, [waiting('one'), waiting('two')], { quicklyAtOnce: true })
    const { selfChecks } = await both.run(plan({ quick: true }))
    expect(selfChecks.map(({ name }) => name)).toEqual(['one', 'two'])
  })

  it('given that the user had enough, then nothing more is begun, and what there is is partial', async () => {
    steps.length = 0
    expect((await suite.run(plan({ signal: AbortSignal.abort() }))).partial).toBe(true)
    expect(steps).toEqual([])
  })
})
