// Reads the text of a query. Most are plain: nothing in them is escaped, and then the pieces are what they look like. The
// others are URLSearchParams' to read, which takes several times as long.

// Printable ASCII without the two signs that stand for something else.
const plain = /^[!-$&-*,-~]*$/

/** Is nothing in this query escaped, so that its pieces are what they look like? */
export const isPlainQuery = (query: string): boolean => plain.test(query)

/** Tells every key and its value, in order, as URLSearchParams reads them. */
export function eachPair(query: string, tell: (key: string, value: string) => void): void {
  if (!isPlainQuery(query)) {
    for (const [key, value] of new URLSearchParams(query)) tell(key, value)
    return
  }
  // A question mark at the very beginning is no part of a query to URLSearchParams.
  let from = query.startsWith('?') ? 1 : 0
  while (from < query.length) {
    const next = query.indexOf('&', from)
    const until = next < 0 ? query.length : next
    if (until > from) {
      const sign = query.indexOf('=', from)
      if (sign < 0 || sign > until) tell(query.slice(from, until), '')
      else tell(query.slice(from, sign), query.slice(sign + 1, until))
    }
    from = until + 1
  }
}
