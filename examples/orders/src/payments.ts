// The payments service: charges an order once, however often it is asked, and never after it was refunded.
import { handler, type Implementation, implement } from '@tenon/contract'
import { fail, type Middleware, mapMethods, ok } from '@tenon/endpoint'
import { CardRefused, Payments } from './contracts.ts'

/** What was charged, by order; `'refunded'` stays, because a charge that was given up may still arrive. */
export type Ledger = Map<string, { readonly cents: number; readonly receipt: string } | 'refunded'>

/** Orders that were charged and not refunded. */
export const charged = (ledger: Ledger): number => [...ledger.values()].filter((entry) => entry !== 'refunded').length

export function payments(ledger: Ledger, around: Middleware): Implementation {
  const charge = handler(Payments.methods.charge, ({ orderId, card, cents }) => {
    if (card === 'expired') return fail(CardRefused({ reason: 'the card is expired' }))
    const before = ledger.get(orderId)
    if (before === 'refunded') return fail(CardRefused({ reason: 'the order was undone' }))
    const receipt = before?.receipt ?? `receipt-${ledger.size + 1}`
    if (before === undefined) ledger.set(orderId, { cents, receipt })
    return ok({ receipt })
  })
  const refund = handler(Payments.methods.refund, ({ orderId }) => {
    ledger.set(orderId, 'refunded')
    return ok()
  })
  return implement(Payments, mapMethods({ charge, refund }, around))
}
