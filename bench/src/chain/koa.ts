// koa-compose: ten middlewares as people write them (all `async`), and tuned by hand (a guard answers with `next()`, an
// observer with one `then`, whose callbacks are made per call, as any observer needs that remembers its start). Both are
// composed once and called without Koa's own error handling around them, which costs Koa another hop.
import compose from 'koa-compose'
import type { Subject } from '../harness/suite.ts'
import {
  type Answer,
  affordable,
  authenticated,
  authorized,
  checkTenSteps,
  ended,
  inSeason,
  inStock,
  type Order,
  order,
  place,
  type Receipt,
  started,
  type User,
} from './work.ts'

interface Context {
  readonly order: Order
  readonly state: { user?: User }
  body: Receipt | undefined
}

class Refused extends Error {}

const handler = async (ctx: Context): Promise<void> => {
  ctx.body = place(ctx.order, ctx.state.user as User)
}

const plain = compose<Context>([
  async (_ctx, next) => {
    started()
    let good = false
    try {
      await next()
      good = true
    } finally {
      ended(good)
    }
  },
  async (ctx, next) => {
    const user = authenticated(ctx.order)
    if (user === undefined) throw new Refused()
    ctx.state.user = user
    await next()
  },
  async (_ctx, next) => {
    started()
    let good = false
    try {
      await next()
      good = true
    } finally {
      ended(good)
    }
  },
  async (ctx, next) => {
    if (!authorized(ctx.state.user as User, ctx.order)) throw new Refused()
    await next()
  },
  async (_ctx, next) => {
    started()
    let good = false
    try {
      await next()
      good = true
    } finally {
      ended(good)
    }
  },
  async (ctx, next) => {
    if (!inSeason(ctx.order)) throw new Refused()
    await next()
  },
  async (_ctx, next) => {
    started()
    let good = false
    try {
      await next()
      good = true
    } finally {
      ended(good)
    }
  },
  async (ctx, next) => {
    if (!affordable(ctx.order)) throw new Refused()
    await next()
  },
  async (_ctx, next) => {
    started()
    let good = false
    try {
      await next()
      good = true
    } finally {
      ended(good)
    }
  },
  async (ctx, next) => {
    if (!inStock(ctx.order)) throw new Refused()
    await next()
  },
  handler,
])

const tuned = compose<Context>([
  (_ctx, next) => {
    started()
    return next().then(
      () => ended(true),
      (cause) => {
        ended(false)
        throw cause
      },
    )
  },
  (ctx, next) => {
    const user = authenticated(ctx.order)
    if (user === undefined) throw new Refused()
    ctx.state.user = user
    return next()
  },
  (_ctx, next) => {
    started()
    return next().then(
      () => ended(true),
      (cause) => {
        ended(false)
        throw cause
      },
    )
  },
  (ctx, next) => {
    if (!authorized(ctx.state.user as User, ctx.order)) throw new Refused()
    return next()
  },
  (_ctx, next) => {
    started()
    return next().then(
      () => ended(true),
      (cause) => {
        ended(false)
        throw cause
      },
    )
  },
  (ctx, next) => {
    if (!inSeason(ctx.order)) throw new Refused()
    return next()
  },
  (_ctx, next) => {
    started()
    return next().then(
      () => ended(true),
      (cause) => {
        ended(false)
        throw cause
      },
    )
  },
  (ctx, next) => {
    if (!affordable(ctx.order)) throw new Refused()
    return next()
  },
  (_ctx, next) => {
    started()
    return next().then(
      () => ended(true),
      (cause) => {
        ended(false)
        throw cause
      },
    )
  },
  (ctx, next) => {
    if (!inStock(ctx.order)) throw new Refused()
    return next()
  },
  handler,
])

const contextOf = (order: Order): Context => ({ order, state: {}, body: undefined })

const subject = (composed: compose.ComposedMiddleware<Context>): Subject => ({
  call: () => composed(contextOf(order)),
  check: () =>
    checkTenSteps(async (order): Promise<Answer> => {
      const ctx = contextOf(order)
      try {
        await composed(ctx)
        return ctx.body as Receipt
      } catch (cause) {
        return cause instanceof Refused ? 'refused' : 'defect'
      }
    }),
})

export const koaAsync: Subject = subject(plain)
export const koaTuned: Subject = subject(tuned)
