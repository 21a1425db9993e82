// A call that the outermost of ten steps refuses: what an open breaker or a spent limit costs.
import { call, chain, endpoint, type Failure, guard, observe, ok, pass, refuse } from '@tenon/endpoint'
import compose from 'koa-compose'
import type { Subject } from '../harness/suite.ts'
import { answerOf } from './tenon.ts'
import { type Answer, checkRefusal, ended, type Order, order, place, seen, started } from './work.ts'

const user = { name: 'ann' }

/** Spent: nothing gets through. */
function limited(): boolean {
  seen.guarded++
  return seen.guarded > 0
}

type RateLimited = Failure<'RateLimited', 'resource_exhausted'>
const rateLimited = (): RateLimited => ({ _tag: 'RateLimited', code: 'resource_exhausted', message: 'too many calls' })

const watch = observe(() => {
  started()
  return (outcome) => ended(outcome._tag === 'Right')
})
const refusing = chain(
  guard(() => (limited() ? refuse(rateLimited()) : pass())),
  ...[watch, watch, watch, watch, watch, watch, watch, watch, watch],
)(endpoint(async (order: Order) => ok(place(order, user))))

export const tenonRefusal: Subject = {
  call: () => call(refusing, order),
  check: () => checkRefusal(async (order) => answerOf(await call(refusing, order))),
}

interface Context {
  status: number
}

class TooMany extends Error {
  readonly status = 429
}

const rest: compose.Middleware<Context>[] = Array.from({ length: 9 }, () => async (_ctx, next) => {
  started()
  await next()
  ended(true)
})

const throwing = compose<Context>([
  async (_ctx, next) => {
    if (limited()) throw new TooMany('too many calls')
    await next()
  },
  ...rest,
])

const answering = compose<Context>([
  async (ctx, next) => {
    if (limited()) {
      ctx.status = 429
      return
    }
    await next()
  },
  ...rest,
])

/** With the `catch` that every thrown refusal needs somewhere. */
const caught = async (): Promise<Answer> => {
  try {
    await throwing({ status: 404 })
    return 'defect'
  } catch (cause) {
    return cause instanceof TooMany ? 'refused' : 'defect'
  }
}

export const koaThrows: Subject = { call: caught, check: () => checkRefusal(caught) }

const statusOf = async (): Promise<Answer> => {
  const ctx = { status: 404 }
  await answering(ctx)
  return ctx.status === 429 ? 'refused' : 'defect'
}

export const koaAnswers: Subject = { call: statusOf, check: () => checkRefusal(statusOf) }
