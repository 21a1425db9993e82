// What a codec says of itself beside its type: for documents, for loggers, for those who read the contract.
import type * as t from 'io-ts'

/** What may be said of a codec. */
export interface Annotations<A = unknown> {
  /** A short name. One word (`Order`) names it in documents: it is described once and referred to. Default: the codec's own name, where somebody gave it one. */
  readonly title?: string
  readonly description?: string
  /** A value of the codec's type; documents show what it is on the wire. */
  readonly example?: A
  /** Still taken, and not to be used any more. Default: false. */
  readonly deprecated?: boolean
  /** Its values are never shown: {@link redact} replaces them, documents mark them. Default: false. */
  readonly secret?: boolean
  /**
   * JSON Schema keywords of what is on the wire, over those that follow from the codec: `{ format: 'email' }`,
   * `{ minimum: 1 }`; for a codec written by hand all there is to know: `{ type: 'string', format: 'date-time' }`.
   */
  readonly schema?: Readonly<Record<string, unknown>>
}

interface Annotated {
  readonly annotations: Annotations
  /** The codec that was annotated. */
  readonly of: t.Mixed
}

// Registered, so that a second copy of this package in a process reads what the first one wrote.
const key: unique symbol = Symbol.for('@tenon/contract.annotated') as never

const kinds = {
  title: 'string',
  description: 'string',
  example: undefined,
  deprecated: 'boolean',
  secret: 'boolean',
  schema: 'object',
} satisfies Record<keyof Annotations, string | undefined>

/**
 * The same codec, with something said of it; the codec that was given stays as it is, so `t.string` may be annotated.
 * Annotating twice adds.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const Quantity = annotate(t.number, { title: 'Quantity', description: 'how many', example: 3, schema: { minimum: 1 } })
 * ```
 *
 * @throws TypeError naming the annotation, for one that does not exist or is of another type.
 */
export function annotate<C extends t.Mixed>(codec: C, annotations: Annotations<t.TypeOf<C>>): C {
  if (typeof codec?.decode !== 'function') throw new TypeError('annotate: what is annotated is an io-ts codec')
  for (const [name, value] of Object.entries(annotations)) {
    if (!Object.hasOwn(kinds, name))
      throw new TypeError(`annotate ${codec.name}: "${name}" is none of ${Object.keys(kinds).join(', ')}`)
    const kind = kinds[name as keyof Annotations]
    if (kind !== undefined && (typeof value !== kind || value === null))
      throw new TypeError(`annotate ${codec.name}: "${name}" is a ${kind} and not ${String(value)}`)
  }
  const annotated: Annotated = { annotations, of: codec }
  return Object.create(Object.getPrototypeOf(codec), {
    ...Object.getOwnPropertyDescriptors(codec),
    [key]: { value: annotated },
  })
}

/** What stands where a secret was. */
export const redacted = '[redacted]'

/** A codec whose values are never shown: {@link annotate} with `secret`. */
export const secret = <C extends t.Mixed>(codec: C): C => annotate(codec, { secret: true })

/** What was said of the codec last, and of which codec it was said. */
export const annotated = (codec: t.Mixed): Annotated | undefined =>
  (codec as { readonly [key]?: Annotated })[key] as Annotated | undefined

/** What is said of a codec, through `t.exact`, `t.readonly`, brands and recursions: what stands outside counts first. */
export function annotationsOf(codec: t.Mixed): Annotations {
  const said = annotated(codec)
  if (said !== undefined) return { ...annotationsOf(said.of), ...said.annotations }
  const { _tag, type } = codec as { readonly _tag?: string; readonly type?: t.Mixed }
  return _tag !== undefined && wraps.has(_tag) && type !== undefined ? annotationsOf(type) : {}
}

const wraps: ReadonlySet<string> = new Set(['ExactType', 'ReadonlyType', 'RefinementType', 'RecursiveType'])
