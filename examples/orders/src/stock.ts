// What the warehouse holds: the one database that all inventory instances share.

/**
 * The goods, and who reserved what. Reserving twice under one order's id is one reservation; after a release it is none,
 * because a reservation that was given up may still arrive.
 */
export interface Stock {
  /** Takes it, or says how much there is. */
  reserve(orderId: string, sku: string, quantity: number): 'reserved' | { readonly left: number }
  release(orderId: string): void
  readonly reservations: number
}

/** A stock of these goods, of which `perSecond` more come in each second. */
export function stock(
  goods: Readonly<Record<string, { readonly at: number; readonly perSecond: number }>>,
  now: () => number,
): Stock {
  const start = now()
  const taken = new Map<string, number>()
  const reserved = new Map<string, { readonly sku: string; readonly quantity: number }>()
  const released = new Set<string>()
  return {
    reserve(orderId, sku, quantity) {
      if (reserved.has(orderId)) return 'reserved'
      if (released.has(orderId)) return { left: 0 }
      const good = goods[sku]
      const gone = taken.get(sku) ?? 0
      const left = good === undefined ? 0 : Math.floor(good.at + (good.perSecond * (now() - start)) / 1_000) - gone
      if (left < quantity) return { left: Math.max(0, left) }
      taken.set(sku, gone + quantity)
      reserved.set(orderId, { sku, quantity })
      return 'reserved'
    },
    release(orderId) {
      const held = reserved.get(orderId)
      if (held !== undefined) taken.set(held.sku, (taken.get(held.sku) ?? 0) - held.quantity)
      reserved.delete(orderId)
      released.add(orderId)
    },
    get reservations() {
      return reserved.size
    },
  }
}
