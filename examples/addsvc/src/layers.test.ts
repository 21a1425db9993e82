import { handler } from '@tenon/contract'
import { background, run } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { metrics } from '@tenon/metrics'
import { expect, it } from 'vitest'
import { Add, type AddEndpoints } from './contract.ts'
import { endpoints } from './endpoints.ts'
import { layered } from './layers.ts'

const onion = (perSecond: number, service: AddEndpoints = endpoints) => {
  const clock = virtualClock()
  const measured = metrics()
  const lines: Record<string, unknown>[] = []
  const all = layered(service, measured, { perSecond, clock, log: (line) => lines.push(JSON.parse(line)) })
  return { clock, measured, lines, sum: (a: number, b: number) => run(all.sum, { a, b }, background({ clock })) }
}

it('E-5: given calls that the limit refuses, however many, then the breaker has not seen them and stays closed', async () => {
  const { clock, measured, sum } = onion(1)
  using _ = measured.listen()
  expect(await sum(1, 2)).toEqual({ _tag: 'Right', right: { v: 3 } })
  for (let n = 0; n < 50; n++) expect(await sum(1, 2)).toMatchObject({ left: { _tag: 'RateLimited' } })
  clock.advanceSync(1_000)
  expect(await sum(1, 2)).toMatchObject({ right: { v: 3 } })
  expect(await measured.registry.metrics()).toContain('tenon_limiter_rejected_total{limiter="sum",why="rate"} 50\n')
})

it('given failures of the business, then they are answers: no breaker opens, and no counter of work moves', async () => {
  const { measured, lines, sum } = onion(1_000)
  for (let n = 0; n < 20; n++) expect(await sum(0, 0)).toMatchObject({ left: { _tag: 'TwoZeroes' } })
  // In Go kit a sum below zero is a panic, of its counter.
  expect(await sum(-3, 1)).toMatchObject({ right: { v: -2 } })
  expect(await measured.registry.metrics()).toContain('\nexample_addsvc_integers_summed 2\n')
  expect(lines.at(0)).toEqual({ method: 'sum', input: { a: 0, b: 0 }, failure: 'TwoZeroes', took: 0 })
  expect(lines.at(-1)).toEqual({ method: 'sum', input: { a: -3, b: 1 }, output: { v: -2 }, took: 0 })
})

it('given a bug, then the log tells its cause and the answer does not; six in a row, and the breaker opens', async () => {
  const sum = handler(Add.methods.sum, () => {
    throw new Error('the adder is on fire')
  })
  const broken = onion(1_000, { ...endpoints, sum })
  for (let n = 0; n < 6; n++) {
    const answer = await broken.sum(1, 2)
    expect(answer).toMatchObject({ left: { _tag: 'Defect', message: 'something unexpected happened' } })
    const last = broken.lines.at(-1)
    expect(last).toMatchObject({ failure: 'Defect', cause: expect.stringContaining('the adder is on fire') })
  }
  expect(await broken.sum(1, 2)).toMatchObject({ left: { _tag: 'CircuitOpen' } })
})
