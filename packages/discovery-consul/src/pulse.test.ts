// Whether the agent is there is asked while a query waits, of an agent that answers or does not.
import { virtualClock } from '@tenon/endpoint/testing'
import { expect, it } from 'vitest'
import { hear } from '../test/heard.ts'
import { pretender } from '../test/pretender.ts'
import { consul } from './index.ts'

/** In real time: the agent's answers take some. */
const often = 20

it('given a query that waits, when the agent answers whether it is there, then the query is left alone', async () => {
  await using agent = await pretender()
  await using registry = consul({ url: agent.url, heartbeat: often })
  using heard = hear(registry.instancer('orders'))
  ;(await agent.next()).answer(7, ['a'])
  const waiting = await agent.next()
  const before = agent.asked
  await expect.poll(() => agent.asked, { timeout: 15_000 }).toBeGreaterThan(before + 5)
  waiting.answer(8, ['a', 'b'])
  await heard.ids('a', 'b')
  expect(heard.states.filter(({ error }) => error !== undefined)).toEqual([])
})

it('given queries that wait, when the agent says no more, then all are given up, and asked anew from the start', async () => {
  await using agent = await pretender()
  await using registry = consul({ url: agent.url, heartbeat: often, timeout: 500 })
  const services = ['orders', 'users']
  const heard = services.map((service) => hear(registry.instancer(service)))
  for (const _ of services) (await agent.next()).answer(7, ['a'])
  for (const _ of services) expect((await agent.next()).index).toBe(7)
  agent.alive = false
  for (const one of heard) {
    const { error, instances } = await one.until((state) => state.error !== undefined)
    expect(error).toMatchObject({ trouble: 'timeout', message: expect.stringContaining('whether the agent is there') })
    expect(instances?.map(({ id }) => id)).toEqual(['a'])
  }
  agent.alive = true
  for (const _ of services) {
    const anew = await agent.next()
    expect(anew.index).toBe(0)
    anew.answer(9, ['a', 'b'])
  }
  for (const one of heard) await one.ids('a', 'b')
  for (const one of heard) one[Symbol.dispose]()
})

it('given an agent that says no more, when the watch is left while it is asked, then no connection and no timer is left', async () => {
  await using agent = await pretender()
  const clock = virtualClock()
  await using registry = consul({ url: agent.url, clock })
  const heard = hear(registry.instancer('orders'))
  ;(await agent.next()).answer(7, ['a'])
  await agent.next()
  agent.alive = false
  await clock.advance(2_200)
  await expect.poll(() => agent.asked, { timeout: 15_000 }).toBe(1)
  heard[Symbol.dispose]()
  await expect.poll(() => agent.open, { timeout: 15_000 }).toBe(0)
  expect(clock.pending).toBe(0)
})
