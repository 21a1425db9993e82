// Streams from a client, and the one answer to them.
import assert from 'node:assert/strict'
import { call, fail, type Outcome, ok } from '@tenon/endpoint'
import { type Case, eventually, group, left, like, right, sleep } from '../case.ts'
import { type Item, Refused } from '../everything.ts'
import { given, large, refused, upTo } from './sources.ts'

export const clientStreams: readonly Case[] = group('client-streams', {
  sum: {
    says: 'given a stream of 200 messages, when the handler has read it, then the caller gets its answer',
    needs: ['clientStream'],
    async run(stage) {
      const { client } = await stage.open({
        sum: async (from) => {
          let n = 0
          for await (const item of from) n += (right(item) as Item).n
          return ok({ n })
        },
      })
      assert.deepEqual(right(await call(client.sum, given(upTo(200)))), { n: 19_900 })
      assert.deepEqual(right(await call(client.sum, given(upTo(0)))), { n: 0 })
    },
  },
  early: {
    says: 'given a handler that answers before the stream has ended, then the caller has the answer, and its source is closed',
    needs: ['clientStream'],
    async run(stage) {
      const { client } = await stage.open({
        sum: async (from) => {
          for await (const item of from) return fail(Refused({ why: `${(right(item) as Item).n}`, at: refused.at }))
          return ok({ n: 0 })
        },
      })
      const log: string[] = []
      const endless = async function* (): AsyncGenerator<Outcome> {
        try {
          for (let n = 0; ; n++) {
            yield ok({ n })
            await sleep(1)
          }
        } finally {
          log.push('closed')
        }
      }
      assert.deepEqual(left(await call(client.sum, given(endless()))), Refused({ why: '0', at: refused.at }))
      await eventually('the source is closed', () => log.includes('closed'))
    },
  },
  broken: {
    says: 'given a source that fails in the middle, then the handler reads a failure, and the call does not hang',
    needs: ['clientStream'],
    async run(stage) {
      const read: Outcome[] = []
      const { client } = await stage.open({
        sum: async (from) => {
          for await (const item of from) read.push(item)
          return ok({ n: read.length })
        },
      })
      const failing = async function* (): AsyncGenerator<Outcome> {
        yield ok({ n: 1 })
        await sleep(50)
        throw new Error('hunter2')
      }
      await call(client.sum, given(failing()), { timeout: 2_000 })
      await eventually('the handler read to the end', () => read.at(-1)?._tag === 'Left')
      assert.equal(JSON.stringify(read).includes('hunter2'), false)
    },
  },
  tooLarge: {
    says: 'given an item of 20 MB, when it is sent, then the handler does not read it, the caller has a failure and not `unavailable`, and the source is closed',
    needs: ['clientStream'],
    async run(stage) {
      const read: Outcome[] = []
      const { client } = await stage.open({
        sum: async (from) => {
          for await (const item of from) {
            if (item._tag === 'Left') return item
            read.push(item)
          }
          return ok({ n: read.length })
        },
      })
      const log: string[] = []
      const source = async function* (): AsyncGenerator<Outcome> {
        try {
          yield ok({ n: 0 })
          for (;;) yield ok({ n: 1, text: large })
        } finally {
          log.push('closed')
        }
      }
      const failure = left(await call(client.sum, given(source()), { timeout: 10_000 }))
      assert.equal(['unavailable', 'deadline_exceeded'].includes(failure.code), false, JSON.stringify(failure))
      assert.ok(read.every((item) => item._tag === 'Right' && (item.right as Item).n === 0))
      await eventually('the source is closed', () => log.includes('closed'))
    },
  },
  deadline: {
    says: 'given a source that hangs, when the deadline passes, then the caller has DeadlineExceeded and the handler is told',
    needs: ['clientStream'],
    async run(stage) {
      let told = false
      const { client } = await stage.open({
        sum: async (from, ctx) => {
          ctx.signal.addEventListener('abort', () => {
            told = true
          })
          for await (const item of from) if (item._tag === 'Left') return item
          return ok({ n: 0 })
        },
      })
      const hanging = async function* (): AsyncGenerator<Outcome> {
        yield ok({ n: 1 })
        await new Promise(() => {})
      }
      // Connected: what is timed is the call.
      right(await call(client.sum, given(upTo(1))))
      assert.equal(told, false)
      like(left(await call(client.sum, given(hanging()), { timeout: 100 })), { _tag: 'DeadlineExceeded' })
      await eventually('the handler is told', () => told)
    },
  },
})
