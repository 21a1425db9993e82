// Streams from a server: item by item, as fast as they are read, to their end or a failure. How else they end: server-stream-ends.ts.
import assert from 'node:assert/strict'
import { handler, implement } from '@tenon/contract'
import { call, fail, type Outcome, ok } from '@tenon/endpoint'
import { all, type Case, eventually, group, left, like, right, sleep } from '../case.ts'
import { type Item, Lax, Log } from '../everything.ts'
import { numbers, refused, upTo } from './sources.ts'

export const serverStreams: readonly Case[] = group('server-streams', {
  order: {
    says: 'given 500 items, when they are read, then all are there in order, and the call is in flight until the end',
    needs: ['serverStream'],
    async run(stage) {
      const { client, server } = await stage.open({ count: (what) => upTo(Number(what)) })
      assert.deepEqual(await all(right(await call(client.count, { what: '500' }))), numbers(500))
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  empty: {
    says: 'given no item, when it is read, then it ends',
    needs: ['serverStream'],
    async run(stage) {
      const { client } = await stage.open({ count: () => upTo(0) })
      assert.deepEqual(await all(right(await call(client.count, { what: '' }))), [])
    },
  },
  arrives: {
    says: 'given a source that pauses, when an item was made, then it is read before the next one is made',
    needs: ['serverStream'],
    async run(stage) {
      let go: (() => void) | undefined
      const { client } = await stage.open({
        count: async function* () {
          yield ok({ n: 1 })
          await new Promise<void>((resolve) => {
            go = resolve
          })
          yield ok({ n: 2, text: 'line\nfeed\r\n\r\ndata: x 語' })
        },
      })
      const reader = right(await call(client.count, { what: '' }))[Symbol.asyncIterator]()
      assert.deepEqual((await reader.next()).value, ok({ n: 1 }))
      const second = reader.next()
      await eventually('the source pauses', () => go !== undefined)
      go?.()
      assert.deepEqual((await second).value, ok({ n: 2, text: 'line\nfeed\r\n\r\ndata: x 語' }))
      assert.equal((await reader.next()).done, true)
    },
  },
  failure: {
    says: 'given a failure after items, when it is read, then it is typed and the last; nothing after it is asked for',
    needs: ['serverStream'],
    async run(stage) {
      let after = false
      const { client } = await stage.open({
        count: async function* () {
          yield ok({ n: 0 })
          yield fail(refused)
          after = true
          yield ok({ n: 1 })
        },
      })
      assert.deepEqual(await all(right(await call(client.count, { what: '' }))), [ok({ n: 0 }), fail(refused)])
      assert.equal(after, false)
    },
  },
  defect: {
    says: 'given a source that throws after an item, when it is read, then the last item is `internal` without its cause',
    needs: ['serverStream'],
    async run(stage) {
      const { client } = await stage.open({
        count: async function* () {
          yield ok({ n: 0 })
          throw new Error('hunter2')
        },
      })
      const [first, last, ...more] = await all(right(await call(client.count, { what: '' })))
      assert.deepEqual([first, more], [ok({ n: 0 }), []])
      const failure = left(last as Outcome)
      like(failure, { _tag: 'Remote', code: 'internal', tag: 'Defect' })
      assert.equal(JSON.stringify(failure).includes('hunter2'), false)
    },
  },
  first: {
    says: 'given a failure instead of a first item, when the stream is opened and read, then the caller has it, typed, and no item',
    needs: ['serverStream'],
    async run(stage) {
      const { client } = await stage.open({
        count: async function* () {
          yield fail(refused)
        },
      })
      const opened = await call(client.count, { what: '' })
      // Whether it comes by the opening or as the only item is the wire's business.
      const failures = opened._tag === 'Left' ? [opened] : await all(opened.right)
      assert.deepEqual(failures, [fail(refused)])
    },
  },
  badInput: {
    says: 'given an input that does not fit, when a stream is opened, then the caller has InvalidArgument, and no handler runs',
    needs: ['serverStream', 'lax'],
    async run(stage) {
      const { server } = await stage.open({})
      const opened = await call(server.client(Lax).count, { what: 1 })
      const [failure] = opened._tag === 'Left' ? [opened] : await all(opened.right)
      like(left(failure as Outcome), { _tag: 'InvalidArgument' })
    },
  },
  slow: {
    says: 'given a reader that does not read, when the source makes 64 KB at a time without end, then it is held back',
    needs: ['serverStream'],
    async run(stage) {
      let made = 0
      const text = 'x'.repeat(65_536)
      const { client } = await stage.open({
        count: async function* () {
          for (;;) yield ok({ n: made++, text })
        },
      })
      const reader = right(await call(client.count, { what: '' }))[Symbol.asyncIterator]()
      await reader.next()
      let last = -1
      // Held back: the source stands still although nobody reads; 64 MB is more than any wire may hold for one reader.
      for (let still = 0; still < 5; await sleep(30)) {
        still = made === last ? still + 1 : 0
        last = made
        assert.ok(made < 1_000, `${made} items of 64 KB were made for a reader that reads none`)
      }
      for (let n = 1; n < 40; n++) assert.equal((right((await reader.next()).value as Outcome) as Item).n, n)
      await reader.return?.()
    },
  },
  resumed: {
    says: 'given a stream that can be resumed, when a caller asks for what comes after an item, then it begins there',
    needs: ['serverStream'],
    async run(stage) {
      const count = handler(Log.methods.count, async function* ({ after = 0 }) {
        for (let n = after + 1; n <= 5; n++) yield ok({ n })
      })
      const server = await stage.start([implement(Log, { count })])
      const client = server.client(Log)
      assert.deepEqual(await all(right(await call(client.count, {}))), numbers(6).slice(1))
      assert.deepEqual(await all(right(await call(client.count, { after: 3 }))), numbers(6).slice(4))
    },
  },
  many: {
    says: 'given 50 streams at once, when all are read, then each has its own items',
    needs: ['serverStream'],
    async run(stage) {
      const { client } = await stage.open({
        count: async function* (what) {
          for (let n = 0; n < 10; n++) {
            yield ok({ n, text: what })
            if (n % 3 === 0) await sleep(1)
          }
        },
      })
      const read = async (what: string): Promise<Outcome[]> => all(right(await call(client.count, { what })))
      const names = Array.from({ length: 50 }, (_, n) => `stream ${n}`)
      for (const [at, got] of (await Promise.all(names.map(read))).entries())
        assert.deepEqual(
          got,
          Array.from({ length: 10 }, (_, n) => ok({ n, text: names[at] })),
        )
    },
  },
})
