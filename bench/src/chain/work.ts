// The work that every subject of the suite does, and the proof that it does it. The parts are tiny on purpose: what is
// measured is what stands between them.
import assert from 'node:assert/strict'

export interface Order {
  readonly customer: string
  readonly quantity: number
  readonly price: number
  readonly region: string
}

/** What the first guard finds out, and the others and the handler need. */
export interface User {
  readonly name: string
}

export interface Receipt {
  readonly total: number
  readonly by: string
}

export const order: Order = { customer: 'ann', quantity: 6, price: 7, region: 'north' }

const ann: User = { name: 'ann' }

/** What has run since {@link reset}. */
export const seen = { guarded: 0, started: 0, ended: 0, good: 0, handled: 0 }

// Five guards. The first provides the user.
export function authenticated({ customer }: Order): User | undefined {
  seen.guarded++
  return customer === '' ? undefined : ann
}
export function authorized(user: User, { region }: Order): boolean {
  seen.guarded++
  return user.name !== region
}
export function inSeason({ region }: Order): boolean {
  seen.guarded++
  return region !== 'closed'
}
export function affordable({ price }: Order): boolean {
  seen.guarded++
  return price < 1_000_000
}
export function inStock({ quantity }: Order): boolean {
  seen.guarded++
  return quantity <= 100
}

// Five observers do this at their start and their end.
export function started(): void {
  seen.started++
}
export function ended(good: boolean): void {
  seen.ended++
  if (good) seen.good++
}

/** The handler. */
export function place({ quantity, price }: Order, user: User): Receipt {
  seen.handled++
  if (price < 0) throw new Error('a bug in the handler')
  return { total: quantity * price, by: user.name }
}

/** What came of a call, whatever the subject's own way to say it. */
export type Answer = Receipt | 'refused' | 'defect'

function reset(): void {
  for (const key of Object.keys(seen) as (keyof typeof seen)[]) seen[key] = 0
}

const receipt: Receipt = { total: 42, by: 'ann' }

/** Ten steps, observers and guards in turn, the outermost an observer, the first guard providing the user. */
export async function checkTenSteps(answer: (order: Order) => Promise<Answer>): Promise<void> {
  await expect(answer, order, receipt, { guarded: 5, started: 5, ended: 5, good: 5, handled: 1 })
  const refusals: [Order, number][] = [
    [{ ...order, customer: '' }, 1],
    [{ ...order, region: 'ann' }, 2],
    [{ ...order, region: 'closed' }, 3],
    [{ ...order, price: 2_000_000 }, 4],
    [{ ...order, quantity: 101 }, 5],
  ]
  for (const [refused, by] of refusals)
    await expect(answer, refused, 'refused', { guarded: by, started: by, ended: by, good: 0, handled: 0 })
  await expect(answer, { ...order, price: -1 }, 'defect', { guarded: 5, started: 5, ended: 5, good: 0, handled: 1 })
}

/** A handler and nothing around it. */
export const checkHandler = (answer: (order: Order) => Promise<Answer>): Promise<void> =>
  expect(answer, order, receipt, { guarded: 0, started: 0, ended: 0, good: 0, handled: 1 })

/** Ten steps of which the outermost refuses. */
export const checkRefusal = (answer: (order: Order) => Promise<Answer>): Promise<void> =>
  expect(answer, order, 'refused', { guarded: 1, started: 0, ended: 0, good: 0, handled: 0 })

/** Five observers. */
export const checkObservers = (answer: (order: Order) => Promise<Answer>): Promise<void> =>
  expect(answer, order, receipt, { guarded: 0, started: 5, ended: 5, good: 5, handled: 1 })

async function expect(
  answer: (order: Order) => Promise<Answer>,
  order: Order,
  should: Answer,
  ran: typeof seen,
): Promise<void> {
  reset()
  assert.deepEqual(await answer(order), should, `the answer to ${JSON.stringify(order)}`)
  assert.deepEqual({ ...seen }, ran, `what ran for ${JSON.stringify(order)}`)
}
