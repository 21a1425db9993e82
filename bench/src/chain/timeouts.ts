// A deadline of a second that is never reached, around a handler that answers at once.
import { call, endpoint, ok, timeout } from '@tenon/endpoint'
import type { Subject } from '../harness/suite.ts'
import { answerOf } from './tenon.ts'
import { checkHandler, type Order, order, place, type Receipt } from './work.ts'

const user = { name: 'ann' }
const handle = async (order: Order): Promise<Receipt> => place(order, user)
const handler = endpoint(async (order: Order) => ok(place(order, user)))
const limited = timeout(1_000)(handler)

export const tenonTimeout: Subject = {
  call: () => call(limited, order),
  check: () => checkHandler(async (order) => answerOf(await call(limited, order))),
}

/** The options of `call`: the deadline is told to the endpoint, which may read it. */
export const tenonDeadline: Subject = {
  call: () => call(handler, order, { timeout: 1_000 }),
  check: () => checkHandler(async (order) => answerOf(await call(handler, order, { timeout: 1_000 }))),
}

async function raced(order: Order): Promise<Receipt> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), 1_000)
  })
  try {
    return await Promise.race([handle(order), late])
  } finally {
    clearTimeout(timer)
  }
}

export const race: Subject = { call: () => raced(order), check: () => checkHandler(raced) }

async function signalled(order: Order): Promise<Receipt> {
  const signal = AbortSignal.timeout(1_000)
  return await new Promise<Receipt>((resolve, reject) => {
    const late = (): void => reject(signal.reason)
    signal.addEventListener('abort', late)
    handle(order)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late))
  })
}

export const abortSignal: Subject = { call: () => signalled(order), check: () => checkHandler(signalled) }
