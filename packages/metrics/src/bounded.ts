// A limit for label values that others choose: each distinct one is a series that stays for the life of the process.

/** What all values beyond the limit are called. */
export const other = 'other'

/** Passes the first `limit` distinct values on as they are and makes `other` of every later one. */
export function bounded(limit: number): (value: string) => string {
  const seen = new Set<string>()
  return (value) => {
    if (seen.has(value)) return value
    if (seen.size >= limit) return other
    seen.add(value)
    return value
  }
}
