// Streams from a server that end before their source does: the reader stops, the caller gives up, the time is up, or the server's.
import assert from 'node:assert/strict'
import { call, type Outcome, ok, timeout } from '@tenon/endpoint'
import { all, type Case, eventually, group, left, like, right, sleep } from '../case.ts'
import type { Item } from '../everything.ts'
import { large, numbers, oneThenWait } from './sources.ts'

export const serverStreamEnds: readonly Case[] = group('server-streams', {
  stops: {
    says: 'given a reader that stops early, then the source is closed, and the call is over',
    needs: ['serverStream'],
    async run(stage) {
      const log: string[] = []
      const { client, server } = await stage.open({
        count: async function* () {
          try {
            for (let n = 0; ; n++) {
              yield ok({ n })
              await sleep(1)
            }
          } finally {
            log.push('closed')
          }
        },
      })
      for await (const item of right(await call(client.count, { what: '' }))) if ((right(item) as Item).n === 2) break
      await eventually('the source is closed', () => log.includes('closed'))
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  waits: {
    says: 'given a reader that stops while the source waits for something else, then the source hears it by its signal',
    needs: ['serverStream'],
    async run(stage) {
      const log: string[] = []
      const { client, server } = await stage.open({ count: (_, ctx) => oneThenWait(ctx, log) })
      const reader = right(await call(client.count, { what: '' }))[Symbol.asyncIterator]()
      await reader.next()
      void reader.next()
      await eventually('the source waits', () => log.includes('waits'))
      await reader.return?.()
      await eventually('the source is told', () => log.includes('told'))
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  deadline: {
    says: 'given a deadline in the middle, when the source hangs, then the last item is DeadlineExceeded, in time, and the source is told',
    needs: ['serverStream'],
    async run(stage) {
      const log: string[] = []
      const { client, server } = await stage.open({ count: (_, ctx) => oneThenWait(ctx, log) })
      const read = await all(right(await call(client.count, { what: '' }, { timeout: 250 })))
      assert.deepEqual(read[0], ok({ n: 0 }))
      like(left(read[1] as Outcome), { _tag: 'DeadlineExceeded' })
      await eventually('the source is told', () => log.includes('told'))
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  opened: {
    says: 'given a timeout around the client, when the stream has opened in time, then items may take longer, and the source knows of no deadline',
    needs: ['serverStream'],
    async run(stage) {
      let deadline = 0
      const { client } = await stage.open({
        count: async function* (_, ctx) {
          deadline = ctx.deadline
          yield ok({ n: 0 })
          await sleep(400)
          yield ok({ n: 1 })
        },
      })
      const opened = await call(timeout(300)(client.count), { what: '' })
      assert.deepEqual(await all(right(opened)), numbers(2))
      assert.equal(deadline, Number.POSITIVE_INFINITY)
    },
  },
  cancelled: {
    says: 'given a caller who cancels in the middle, then the last item is Cancelled and the source is told',
    needs: ['serverStream'],
    async run(stage) {
      const log: string[] = []
      const { client } = await stage.open({ count: (_, ctx) => oneThenWait(ctx, log) })
      const giveUp = new AbortController()
      const opened = right(await call(client.count, { what: '' }, { signal: giveUp.signal }))
      const reader = opened[Symbol.asyncIterator]()
      await reader.next()
      const last = reader.next()
      await eventually('the source waits', () => log.includes('waits'))
      giveUp.abort()
      like(left((await last).value as Outcome), { _tag: 'Cancelled' })
      assert.equal((await reader.next()).done, true)
      await eventually('the source is told', () => log.includes('told'))
    },
  },
  tooLarge: {
    says: 'given an item of 20 MB, when it is read, then the last item is a failure and not `unavailable`, and the source is closed',
    needs: ['serverStream'],
    async run(stage) {
      const log: string[] = []
      const { client, server } = await stage.open({
        count: async function* () {
          try {
            yield ok({ n: 0 })
            for (;;) yield ok({ n: 1, text: large })
          } finally {
            log.push('closed')
          }
        },
      })
      const [first, last, ...more] = await all(right(await call(client.count, { what: '' })))
      assert.deepEqual([first, more], [ok({ n: 0 }), []])
      assert.notEqual(left(last as Outcome).code, 'unavailable')
      await eventually('the source is closed', () => log.includes('closed'))
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  cut: {
    says: 'given a stream that is read, when the server is given no more time, then its last item is `unavailable`',
    needs: ['serverStream'],
    async run(stage) {
      const { client, server } = await stage.open({
        count: async function* (_, ctx) {
          for (let n = 0; !ctx.signal.aborted; n++) {
            yield ok({ n })
            await sleep(5)
          }
        },
      })
      const reading = all(right(await call(client.count, { what: '' })))
      await sleep(30)
      await server.drain({ signal: AbortSignal.timeout(50) })
      like(left((await reading).at(-1) as Outcome), { code: 'unavailable' })
    },
  },
})
