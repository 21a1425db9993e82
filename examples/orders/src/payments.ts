// The payments service: charges an order once, however often it is asked.
import { handler, type Implementation, implement } from '@tenon/contract'
import { fail, type Middleware, mapMethods, ok } from '@tenon/endpoint'
import { CardRefused, Payments } from './contracts.ts'

/** What was charged, by order. */
export type Ledger = Map<string, { readonly cents: number; readonly receipt: string }>

export function payments(ledger: Ledger, around: Middleware): Implementation {
  const charge = handler(Payments.methods.charge, ({ orderId, card, cents }) => {
    if (card === 'expired') return fail(CardRefused({ reason: 'the card is expired' }))
    const before = ledger.get(orderId)
    const receipt = before?.receipt ?? `receipt-${ledger.size + 1}`
    if (before === undefined) ledger.set(orderId, { cents, receipt })
    return ok({ receipt })
  })
  return implement(Payments, mapMethods({ charge }, around))
}
