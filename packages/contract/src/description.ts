// What a codec takes and writes on a wire, as plain data: what documents are made of, and what two versions of a contract
// are compared by. It knows names and annotations, where a shape knows only structure.
import type { Annotations } from './annotate.ts'

/** Annotations as data; the example is what is on the wire. */
export interface Notes extends Omit<Annotations, 'example'> {
  readonly example?: unknown
}

/** A field of an object. */
export interface DescribedField {
  readonly name: string
  readonly of: Description
  /** May it be absent? */
  readonly optional: boolean
}

/** What is on the wire. */
export type Description = { readonly notes?: Notes } & (
  | { readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'anything' | 'never' }
  /** `undefined`: nothing is written. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'literal'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'array'; readonly item: Description }
  /** `least`: how many must be there, where the last ones may be absent. */
  | { readonly kind: 'tuple'; readonly items: readonly Description[]; readonly least?: number }
  | { readonly kind: 'record'; readonly key: Description; readonly value: Description }
  | { readonly kind: 'object'; readonly fields: readonly DescribedField[] }
  /** All at once: an intersection. */
  | { readonly kind: 'all'; readonly of: readonly Description[] }
  /** One of them; `tag` is the key that tells them apart. */
  | { readonly kind: 'one'; readonly of: readonly Description[]; readonly tag?: string }
  /** Narrowed by a predicate, which is known by its name only. */
  | { readonly kind: 'refined'; readonly of: Description; readonly name: string }
  /** Written by hand: its name is all there is. */
  | { readonly kind: 'custom'; readonly name: string }
  /** A definition by its name. */
  | { readonly kind: 'ref'; readonly name: string }
)
