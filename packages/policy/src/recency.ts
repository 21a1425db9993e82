// Who was used last, and who longest ago: a list whose items carry their own links. (Only `keyed` uses it.)

/** What an item of the list carries: the items used just after and just before it. */
export interface Linked<T> {
  newer: T | undefined
  older: T | undefined
}

export interface Recency<T> {
  /** The one not used for the longest time. */
  readonly oldest: T | undefined
  /** Puts in an item that is not in the list, as the newest. */
  add(item: T): void
  /** Makes an item of the list the newest. */
  use(item: T): void
  remove(item: T): void
  clear(): void
}

/** A list from the oldest to the newest use. Every operation is a few writes. */
export function recency<T extends Linked<T>>(): Recency<T> {
  let newest: T | undefined
  let oldest: T | undefined
  const list: Recency<T> = {
    get oldest() {
      return oldest
    },
    add(item) {
      item.newer = undefined
      item.older = newest
      if (newest === undefined) oldest = item
      else newest.newer = item
      newest = item
    },
    use(item) {
      if (item === newest) return
      list.remove(item)
      list.add(item)
    },
    remove(item) {
      if (item.newer === undefined) newest = item.older
      else item.newer.older = item.older
      if (item.older === undefined) oldest = item.newer
      else item.older.newer = item.newer
    },
    clear() {
      newest = undefined
      oldest = undefined
    },
  }
  return list
}
