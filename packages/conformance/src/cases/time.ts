// Deadlines and cancellation: they cross, and they end what runs on the other side.
import assert from 'node:assert/strict'
import { background, call, ok, run, withCancel } from '@tenon/endpoint'
import { type Case, eventually, group, left, like, right, sleep } from '../case.ts'
import { counted } from './counted.ts'

const never = (): Promise<never> => new Promise(() => {})

export const time: readonly Case[] = group('time', {
  known: {
    says: 'given a caller with 5,000 ms, when a handler looks, then its deadline is no later than that, and not much earlier',
    async run(stage) {
      let left = 0
      const { client } = await stage.open({
        act: (_, ctx) => {
          left = ctx.deadline - performance.now()
          return ok({ n: 1 })
        },
      })
      right(await call(client.act, { what: '' }, { timeout: 5_000 }))
      assert.ok(left <= 5_000 && left > 2_000, `the handler had ${left} ms`)
    },
  },
  passes: {
    says: 'given a handler that hangs, when the deadline passes, then the caller hears DeadlineExceeded in time, and the handler is told',
    async run(stage) {
      let told = false
      const { client } = await stage.open(
        {
          act: (what, ctx) => {
            if (what !== 'hang') return ok({ n: 1 })
            ctx.signal.addEventListener('abort', () => {
              told = true
            })
            return never()
          },
        },
        { grace: 20 },
      )
      // Connected: what is timed is the call.
      right(await call(client.act, { what: '' }))
      const start = performance.now()
      like(left(await call(client.act, { what: 'hang' }, { timeout: 250 })), { _tag: 'DeadlineExceeded' })
      const took = performance.now() - start
      assert.ok(took >= 240 && took < 1_500, `it took ${took} ms`)
      await eventually('the handler is told', () => told)
    },
  },
  default: {
    says: 'given a client with a time of its own, when a call without a deadline hangs, then it ends after that time',
    async run(stage) {
      const { client } = await stage.open({ act: never }, { timeout: 60, grace: 20 })
      like(left(await call(client.act, { what: '' })), { _tag: 'DeadlineExceeded' })
    },
  },
  none: {
    says: 'given a deadline that has passed, when a call is made, then nothing is sent',
    async run(stage) {
      const { client, calls } = await counted(stage)
      const ctx = background({ deadline: performance.now() - 1 })
      like(left(await run(client.act, { what: '' }, ctx)), { _tag: 'DeadlineExceeded' })
      await sleep(20)
      assert.equal(calls(), 0)
    },
  },
  cancelled: {
    says: 'given a caller who gives up, when a handler hangs, then the caller has Cancelled at once and the handler is told',
    async run(stage) {
      let running = false
      let told = false
      const { client } = await stage.open(
        {
          act: (_, ctx) => {
            running = true
            ctx.signal.addEventListener('abort', () => {
              told = true
            })
            return never()
          },
        },
        { grace: 20 },
      )
      const giveUp = new AbortController()
      const answer = call(client.act, { what: '' }, { signal: giveUp.signal })
      await eventually('the handler runs', () => running)
      giveUp.abort()
      like(left(await answer), { _tag: 'Cancelled' })
      await eventually('the handler is told', () => told)
    },
  },
  gone: {
    says: 'given a caller who has given up before, when a call is made, then nothing is sent',
    async run(stage) {
      const { client, calls } = await counted(stage)
      using scope = withCancel(background())
      scope.cancel()
      like(left(await run(client.act, { what: '' }, scope.ctx)), { _tag: 'Cancelled' })
      await sleep(20)
      assert.equal(calls(), 0)
    },
  },
  others: {
    says: 'given one call that is cancelled and one whose time is up, when others run beside them, then those are answered',
    async run(stage) {
      const { client } = await stage.open(
        {
          act: async (how) => {
            if (how === 'hang') return never()
            await sleep(80)
            return ok({ n: 1 })
          },
        },
        { grace: 20 },
      )
      const giveUp = new AbortController()
      const doomed = [
        call(client.act, { what: 'hang' }, { signal: giveUp.signal }),
        call(client.act, { what: 'hang' }, { timeout: 30 }),
      ]
      const fine = Promise.all(Array.from({ length: 10 }, () => call(client.act, { what: '' })))
      setTimeout(() => giveUp.abort(), 20)
      for (const answer of await Promise.all(doomed)) left(answer)
      for (const answer of await fine) assert.deepEqual(right(answer), { n: 1 })
    },
  },
})
