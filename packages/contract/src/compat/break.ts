// One thing that breaks between two versions of a contract.

/** What was done to something. */
export type Change =
  | 'removed'
  | 'added'
  | 'renamed'
  | 'required'
  | 'optional'
  | 'narrowed'
  | 'widened'
  | 'type changed'
  | 'value removed'
  | 'value added'
  | 'route changed'
  | 'idempotence dropped'
  | 'idempotence added'
  | 'resuming dropped'
  | 'resuming added'
  | 'unknown keys refused'
  | 'unknown keys taken'

/** One thing that breaks. */
export interface Break {
  /** `shop.orders.v1.Orders/place.input.items[].sku`. */
  readonly path: string
  readonly change: Change
  /** Old clients break with a new server, new clients with an old server. Of an event, a publisher is the server. */
  readonly breaks: 'old clients' | 'new clients'
  /** What goes wrong, in a sentence. */
  readonly message: string
}
