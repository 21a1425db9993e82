// Five observers that time the call: `measure`, which reads the clock once per end of a fused group, against five that
// read it themselves.
import { call, chain, endpoint, measure, observe, ok } from '@tenon/endpoint'
import type { Subject } from '../harness/suite.ts'
import { answerOf } from './tenon.ts'
import { checkObservers, ended, type Order, order, place, started } from './work.ts'

const user = { name: 'ann' }
const handler = endpoint(async (order: Order) => ok(place(order, user)))

/** Somebody uses the time: it must not be optimized away. */
let slowest = 0
const took = (ms: number): void => {
  if (ms > slowest) slowest = ms
}

const subject = (served: typeof handler): Subject => ({
  call: () => call(served, order),
  check: () => checkObservers(async (order) => answerOf(await call(served, order))),
})

const watched = () =>
  observe(() => {
    started()
    return (outcome) => ended(outcome._tag === 'Right')
  })
const measured = () =>
  measure((_ctx, _input, at) => {
    started()
    return (outcome, then) => {
      took(then - at)
      ended(outcome._tag === 'Right')
    }
  })
const reading = () =>
  observe(() => {
    started()
    const at = performance.now()
    return (outcome) => {
      took(performance.now() - at)
      ended(outcome._tag === 'Right')
    }
  })

export const observe5: Subject = subject(chain(watched(), watched(), watched(), watched(), watched())(handler))
export const measure5: Subject = subject(chain(measured(), measured(), measured(), measured(), measured())(handler))
export const reading5: Subject = subject(chain(reading(), reading(), reading(), reading(), reading())(handler))
