// Streams both ways at once.
import assert from 'node:assert/strict'
import { call, type Failure, fail, type Outcome, ok, type Stream } from '@tenon/endpoint'
import { all, type Case, eventually, group, right } from '../case.ts'
import type { Item } from '../everything.ts'
import { given, refused, upTo } from './sources.ts'

export const duplex: readonly Case[] = group('duplex', {
  echo: {
    says: 'given a conversation, when each message waits for the answer to the one before, then it goes on to its end',
    needs: ['duplex'],
    async run(stage) {
      const { client, server } = await stage.open({
        chat: async function* (from: Stream<Item, Failure>) {
          for await (const item of from) yield ok({ n: (right(item) as Item).n * 2 })
        },
      })
      const answered: number[] = []
      let next = (): void => {}
      const asking = async function* (): AsyncGenerator<Outcome> {
        for (let n = 0; n < 10; n++) {
          yield ok({ n })
          if (answered.length <= n)
            await new Promise<void>((resolve) => {
              next = resolve
            })
        }
      }
      for await (const item of right(await call(client.chat, given(asking())))) {
        answered.push((right(item) as Item).n)
        next()
      }
      assert.deepEqual(
        answered,
        Array.from({ length: 10 }, (_, n) => n * 2),
      )
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  failure: {
    says: 'given a handler that fails in the middle, then it is the last item, and the source of the caller is closed',
    needs: ['duplex'],
    async run(stage) {
      const { client } = await stage.open({
        chat: async function* (from: Stream<Item, Failure>) {
          for await (const item of from) {
            if ((right(item) as Item).n === 2) yield fail(refused)
            yield item
          }
        },
      })
      const log: string[] = []
      const read = await all(right(await call(client.chat, given(upTo(1_000_000, log)))))
      assert.deepEqual(read, [ok({ n: 0 }), ok({ n: 1 }), fail(refused)])
      await eventually('the source is closed', () => log.includes('closed'))
    },
  },
})
