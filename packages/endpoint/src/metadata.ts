// What travels beside a call: lower-case keys, immutable, and only an allow-list of it crosses hops by itself.

/** Lower-case names and their values. Immutable: `withMetadata` makes another context. */
export type Metadata = ReadonlyMap<string, string>

/** What passes on to the next hop without being asked: trace context, baggage, the request's id, the attempt's number. */
export const passedOn: readonly string[] = ['traceparent', 'tracestate', 'baggage', 'x-request-id', 'x-attempt']

class Sealed extends Map<string, string> {
  override set(): never {
    throw new TypeError('metadata is immutable: withMetadata(ctx, {...}) makes another context')
  }
  override delete(): never {
    return this.set()
  }
  override clear(): never {
    return this.set()
  }
}

const put = Map.prototype.set

/** No metadata at all. */
export const noMetadata: Metadata = new Sealed()

/** Metadata of these entries, keys lower-cased, later ones winning. */
export function metadata(...sources: readonly Iterable<readonly [string, string]>[]): Metadata {
  const sealed = new Sealed()
  for (const source of sources) for (const [key, value] of source) put.call(sealed, key.toLowerCase(), value)
  return sealed
}
