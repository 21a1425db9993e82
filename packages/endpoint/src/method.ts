// What a contract says of the method behind an endpoint.

/** The five shapes of a method. */
export type Kind = 'unary' | 'serverStream' | 'clientStream' | 'duplex' | 'event'

/** What a contract says of the method behind an endpoint. A middleware reads it once, when it wraps. */
export interface MethodInfo {
  /** The contract's full name, `shop.orders.v1.Orders`. */
  readonly contract: string
  readonly name: string
  readonly kind: Kind
  /** May it be repeated without harm? A retry asks. */
  readonly idempotent: boolean
}
