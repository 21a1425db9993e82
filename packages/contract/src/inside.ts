// What io-ts codecs carry of their structure, for those who walk through codecs and not through shapes.
import type * as t from 'io-ts'

/** The structure of a codec; `_tag` says which of it is there. A codec written by hand has none. */
export interface Inside {
  readonly _tag?: string
  readonly name: string
  readonly type?: t.Mixed
  readonly types?: readonly t.Mixed[]
  readonly props?: Readonly<Record<string, t.Mixed>>
  readonly domain?: t.Mixed
  readonly codomain?: t.Mixed
  readonly value?: string | number | boolean
  readonly keys?: Readonly<Record<string, unknown>>
  readonly tag?: string
  readonly predicate?: (value: unknown) => boolean
}

export const inside = (codec: t.Mixed): Inside => codec as unknown as Inside
