import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { pretender } from '../test/pretender.ts'
import { kept } from './kept.ts'
import { settingsOf } from './options.ts'

describe('given an agent that is asked whether it knows an instance', () => {
  it('when it forgets it, or is away for a while, then that is told', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    const told: [there: boolean, away: boolean][] = []
    const stop = kept(settingsOf({ url: agent.url, clock }), 'a b', 'keeping it', (...each) => told.push(each))
    const known = (hash: string) => ({ 'x-consul-contenthash': hash })
    const later = async () => {
      await expect.poll(() => clock.advance(100).then(() => agent.waiting), { timeout: 15_000, interval: 5 }).toBe(1)
      return agent.next()
    }
    const first = await agent.next()
    expect(first.url).toBe('/v1/agent/service/a%20b')
    first.response.writeHead(404).end()
    ;(await later()).answer(undefined, '{}', known('one'))
    const second = await agent.next()
    expect(second.url).toBe('/v1/agent/service/a%20b?hash=one&wait=30000ms')
    second.answer(undefined, '{}', known('two'))
    const third = await agent.next()
    expect(third.url).toContain('hash=two')
    third.response.writeHead(404).end()
    ;(await later()).response.socket?.destroy()
    ;(await later()).answer(undefined, '{}', known('three'))
    await agent.next()
    expect(told).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [false, false],
      [true, true],
    ])
    stop()
    await expect.poll(() => [agent.open, clock.pending], { timeout: 15_000 }).toEqual([0, 0])
  })

  it('when the token may not ask, then it is not asked again', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    kept(settingsOf({ url: agent.url, clock }), 'one', 'keeping it', () => {})
    ;(await agent.next()).response.writeHead(403).end('Permission denied')
    await expect.poll(() => agent.open, { timeout: 15_000 }).toBe(0)
    await clock.advance(60_000)
    expect(agent.waiting).toBe(0)
    expect(clock.pending).toBe(0)
  })
})
