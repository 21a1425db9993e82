// What the ten steps do, written into one function with one `then`: no layers, no contexts, no laws. Nothing that
// composes can be faster than what it composes.
import type { Subject } from '../harness/suite.ts'
import {
  type Answer,
  affordable,
  authenticated,
  authorized,
  checkHandler,
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

const ann: User = { name: 'ann' }
const handle = async (order: Order, user: User): Promise<Receipt> => place(order, user)

/** An async call and one `then` that does nothing: what any layer costs that sees how a call ends. */
const watched = (order: Order): Promise<Answer> =>
  handle(order, ann).then(
    (receipt) => receipt,
    () => 'defect',
  )

export const oneHop: Subject = { call: () => watched(order), check: () => checkHandler(watched) }

function endedAll(from: number, good: boolean): void {
  for (let n = 0; n < from; n++) ended(good)
}

function refused(from: number): Promise<Answer> {
  endedAll(from, false)
  return Promise.resolve('refused')
}

function all(order: Order): Promise<Answer> {
  started()
  const user = authenticated(order)
  if (user === undefined) return refused(1)
  started()
  if (!authorized(user, order)) return refused(2)
  started()
  if (!inSeason(order)) return refused(3)
  started()
  if (!affordable(order)) return refused(4)
  started()
  if (!inStock(order)) return refused(5)
  return handle(order, user).then(
    (receipt) => {
      endedAll(5, true)
      return receipt
    },
    () => {
      endedAll(5, false)
      return 'defect'
    },
  )
}

export const oneFunction: Subject = { call: () => all(order), check: () => checkTenSteps(all) }
