import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { warmUp } from './fused.ts'
import { background, chain, type Endpoint, endpoint, guard, measure, ok, pass, run, stream } from './index.ts'
import { virtualClock } from './testing.ts'
import { limit } from './unrolled.ts'

const before = { calls: warmUp.calls, groups: limit.groups }
beforeEach(() => {
  limit.groups = Number.POSITIVE_INFINITY
})
afterEach(() => {
  warmUp.calls = before.calls
  limit.groups = before.groups
})

/** Where the handler was called from: code made for a group has an address of its own. */
const where = endpoint(() => ok(/tenon:steps\/\d+/.exec(new Error().stack ?? '')?.[0]))
const called = async (wrapped: Endpoint<undefined, unknown>, times = 1): Promise<unknown> => {
  for (let i = 1; i < times; i++) await run(wrapped, undefined, background())
  const outcome = await run(wrapped, undefined, background())
  return outcome._tag === 'Right' ? outcome.right : outcome.left
}

describe('code of its own for a group of steps', () => {
  it('given a group, when it was called often, then it gets some, and another group gets another', async () => {
    warmUp.calls = 10
    const [one, two] = [chain(guard(() => pass()))(where), chain(guard(() => pass()))(where)]
    expect(await called(one, 10)).toBeUndefined()
    const code = await called(one)
    expect(code).toMatch(/^tenon:steps/)
    expect(await called(one)).toBe(code)
    expect(await called(two, 11)).toMatch(/^tenon:steps/)
    expect(await called(two)).not.toBe(code)
  })

  it('given that as many groups have some as may, then the next one works without', async () => {
    warmUp.calls = 0
    limit.groups = 0
    const wrapped = chain(guard(() => pass()))(where)
    expect([await called(wrapped), await called(wrapped)]).toEqual([undefined, undefined])
  })

  it('given two guards that provide one key, then it is a Defect that names the key, as it is in the loop', async () => {
    const twice = chain(
      guard(() => pass({ claims: 1 })),
      guard(() => pass({ claims: 2 })),
    )
    for (const calls of [0, 10]) {
      warmUp.calls = calls
      expect(await called(twice(where))).toMatchObject({
        _tag: 'Defect',
        cause: expect.objectContaining({ message: expect.stringContaining('"claims"') }),
      })
    }
  })

  it('given steps that measure, then one reading at each end serves all of them, for a stream when it ends', async () => {
    warmUp.calls = 0
    const clock = virtualClock(5)
    const seen: string[] = []
    const timing = (name: string) =>
      measure((_ctx, _input, at) => (outcome, end) => void seen.push(`${name} ${at} ${end} ${outcome._tag}`))
    const timed = chain(timing('outer'), timing('inner'))
    const plain = endpoint(async () => ok(void (await clock.advance(10))))
    await run(timed(plain), undefined, background({ clock }))
    expect(seen.splice(0)).toEqual(['inner 5 15 Right', 'outer 5 15 Right'])
    const answer = async function* () {
      yield ok(1)
      await clock.advance(10)
    }
    const opening = endpoint(async () => ok(stream(answer())))
    const outcome = await run(timed(opening), undefined, background({ clock }))
    if (outcome._tag === 'Left') throw outcome.left
    expect(seen).toEqual([])
    for await (const item of outcome.right) expect(item).toEqual(ok(1))
    expect(seen).toEqual(['inner 15 25 Right', 'outer 15 25 Right'])
  })

  it('given a process that may make no code, then its groups stay with the loop', () => {
    const program = `
      import { background, chain, endpoint, guard, ok, pass, run } from '${join(import.meta.dirname, 'index.ts')}'
      const wrapped = chain(guard(() => pass({ user: 'ann' })))(endpoint((_, ctx) => ok(ctx.user)))
      for (let i = 0; i < 2_500; i++) await run(wrapped, undefined, background())
      console.log((await run(wrapped, undefined, background())).right)`
    const args = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', program]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('ann\n')
  })
})
