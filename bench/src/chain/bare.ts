// What all is compared with in the end: an async function, and nothing around it.
import type { Subject } from '../harness/suite.ts'
import { checkHandler, type Order, order, place, type Receipt } from './work.ts'

const user = { name: 'ann' }

async function bare(order: Order): Promise<Receipt> {
  return place(order, user)
}

export const bareCall: Subject = { call: () => bare(order), check: () => checkHandler(bare) }
