import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { inTurn } from './turns.ts'

const rounds = (count: number): Promise<void> =>
  new Promise((resolve) => {
    const round = (left: number): unknown => (left === 0 ? resolve() : setImmediate(round, left - 1))
    round(count)
  })

describe('given large bodies', () => {
  it('when several are whole at once, then one is read in each round of the loop, in their order', async () => {
    const said: string[] = []
    for (const name of ['a', 'b', 'c']) inTurn(() => said.push(name))
    expect(said).toEqual([])
    for (let i = 0; i < 3; i++) {
      await rounds(1)
      said.push('others')
    }
    expect(said).toEqual(['a', 'others', 'b', 'others', 'c', 'others'])
  })

  it('when one is read in its turn, then it finds what its caller stored, and what it adds has a turn after it', async () => {
    const store = new AsyncLocalStorage<string>()
    const said: unknown[] = []
    for (const name of ['a', 'b'])
      store.run(name, () =>
        inTurn(() => {
          said.push(store.getStore())
          if (name === 'a') inTurn(() => said.push(`after ${store.getStore()}`))
        }),
      )
    await rounds(4)
    expect(said).toEqual(['a', 'b', 'after a'])
  })
})
