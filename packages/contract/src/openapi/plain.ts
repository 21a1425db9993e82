// The last step of a document: plain JSON, with final names.

/**
 * A copy that JSON can say: without what is `undefined`, and with other texts where `names` has them, which stand for
 * references. What JSON cannot say, and no annotation should hold, is left out.
 */
export function plain(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value
  if (Array.isArray(value)) return value.map((item) => plain(item, names) ?? null)
  if (typeof value === 'object' && value !== null) {
    const of = typeof (value as { toJSON?: unknown }).toJSON === 'function' ? JSON.parse(JSON.stringify(value)) : value
    if (of !== value) return plain(of, names)
    const entries = Object.entries(value).map(([key, item]) => [key, plain(item, names)] as const)
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
  }
  return Number.isFinite(value) || typeof value === 'boolean' || value === null ? value : undefined
}
