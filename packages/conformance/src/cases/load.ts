// Many calls, large ones, and a server that goes away under them.
import assert from 'node:assert/strict'
import { call, type Outcome, ok } from '@tenon/endpoint'
import { type Case, eventually, group, left, like, right, sleep } from '../case.ts'

export const load: readonly Case[] = group('load', {
  concurrent: {
    says: 'given 300 calls at once that end in any order, when they are answered, then each has its own answer',
    async run(stage) {
      // The first twenty wait for each other: a wire that lets one call in at a time never gets past them.
      let waiting = 0
      const { promise: together, resolve: go } = Promise.withResolvers<void>()
      const { client, server } = await stage.open({
        act: async (what) => {
          if (++waiting === 20) go()
          await together
          await sleep((Number(what) * 7) % 40)
          return ok({ n: Number(what), text: what })
        },
      })
      const calls = Array.from({ length: 300 }, (_, n) => call(client.act, { what: `${n}` }))
      const answers = await Promise.all(calls)
      for (const [n, answer] of answers.entries()) assert.deepEqual(right(answer), { n, text: `${n}` })
      await eventually('nothing is in flight', () => server.inFlight === 0)
    },
  },
  large: {
    says: 'given an input and an answer of half a megabyte, when they cross, then no character is lost',
    async run(stage) {
      const { client } = await stage.open({ act: (what) => ok({ n: what.length, text: what }) })
      const what = 'äöü語'.repeat(50_000)
      assert.deepEqual(right(await call(client.act, { what })), { n: what.length, text: what })
    },
  },
  tooLarge: {
    says: 'given an input of 20 MB, when it is sent, then the caller has a failure, and the next call is answered',
    async run(stage) {
      const { client } = await stage.open({ act: (what) => ok({ n: what.length }) })
      left(await call(client.act, { what: 'x'.repeat(20_000_000) }))
      assert.deepEqual(right(await call(client.act, { what: 'x' })), { n: 1 })
    },
  },
  answerTooLarge: {
    says: 'given an answer of 20 MB, when it arrives, then the caller has a failure, and the next call is answered',
    async run(stage) {
      const { client } = await stage.open({ act: (what) => ok({ n: 1, text: 'x'.repeat(Number(what)) }) })
      left(await call(client.act, { what: '20000000' }))
      assert.deepEqual(right(await call(client.act, { what: '1' })), { n: 1, text: 'x' })
    },
  },
  drain: {
    says: 'given calls in flight, when the server drains, then each is answered, and later ones fail with Unavailable',
    async run(stage) {
      let running = 0
      const { client, server } = await stage.open({
        act: async () => {
          running++
          await sleep(60)
          return ok({ n: 1 })
        },
      })
      const before = Array.from({ length: 20 }, () => call(client.act, { what: '' }))
      await eventually('all run', () => running === 20)
      const drained = server.drain({ signal: AbortSignal.timeout(5_000) })
      for (const answer of await Promise.all(before)) assert.deepEqual(right(answer), { n: 1 })
      await drained
      like(left(await call(client.act, { what: '' })), { _tag: 'Unavailable' })
      assert.equal(running, 20)
    },
  },
  drainLoad: {
    says: 'given callers who do not stop, when the server drains, then every call is answered or fails with Unavailable, and what ran was answered',
    async run(stage) {
      let done = 0
      const { client, server } = await stage.open({
        act: async () => {
          await sleep(5)
          done++
          return ok({ n: 1 })
        },
      })
      const outcomes: Outcome[] = []
      let stop = false
      const caller = async (): Promise<void> => {
        while (!stop) {
          const outcome = await call(client.act, { what: '' }, { timeout: 2_000 })
          outcomes.push(outcome)
          if (outcome._tag === 'Left') await sleep(1)
        }
      }
      const callers = Array.from({ length: 8 }, caller)
      await eventually('calls are answered', () => outcomes.length > 40)
      await server.drain({ signal: AbortSignal.timeout(5_000) })
      await sleep(20)
      stop = true
      await Promise.all(callers)
      for (const outcome of outcomes)
        if (outcome._tag === 'Left') like(outcome.left, { _tag: 'Unavailable' })
        else assert.deepEqual(outcome.right, { n: 1 })
      assert.equal(outcomes.filter(({ _tag }) => _tag === 'Right').length, done, 'a call ran and was not answered')
      assert.ok(outcomes.some(({ _tag }) => _tag === 'Left'))
    },
  },
  cut: {
    says: 'given a handler that hangs, when the drain is given no more time, then it ends, and the caller has Unavailable',
    async run(stage) {
      let running = false
      const { client, server } = await stage.open(
        {
          act: () => {
            running = true
            return new Promise(() => {})
          },
        },
        { grace: 20 },
      )
      const answer = call(client.act, { what: '' })
      await eventually('it runs', () => running)
      await server.drain({ signal: AbortSignal.timeout(50) })
      like(left(await answer), { code: 'unavailable' })
      assert.equal(server.inFlight, 0)
    },
  },
  nobody: {
    says: 'given a server that is gone, when a call is made, then it fails with Unavailable and not by its time',
    async run(stage) {
      const { client, server } = await stage.open({ act: () => ok({ n: 1 }) })
      right(await call(client.act, { what: '' }))
      await server.drain({ signal: AbortSignal.timeout(1_000) })
      const start = performance.now()
      like(left(await call(client.act, { what: '' }, { timeout: 5_000 })), { _tag: 'Unavailable' })
      assert.ok(performance.now() - start < 2_000)
    },
  },
})
