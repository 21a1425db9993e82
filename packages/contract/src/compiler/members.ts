// What an object has: the fields of a struct, of a strict one, and of an intersection of them, as one list, so that an
// intersection is one pass over one object.
import type * as t from 'io-ts'
import type { Field, Node } from './node.ts'

/** A field, and which members of which intersections it is in, outermost first: its errors' contexts name them. */
export interface Member extends Field {
  readonly via: readonly { readonly at: number; readonly codec: t.Mixed }[]
}

export interface Members {
  readonly fields: readonly Member[]
  /** Do keys that are no field's go? */
  readonly closed: boolean
  /** Is it an intersection? It copies in its own way. */
  readonly merged: boolean
  /** Of an intersection that has strict members. */
  readonly apart?: Apart
}

/**
 * Each strict member of an intersection answers with its own keys only. Of the answers a new object is made, unless every
 * key of the value is one of every strict member.
 */
export interface Apart {
  /** Keys of every strict member. */
  readonly core: ReadonlySet<string>
  /** Whose keys come first in the new object, strict member by strict member; the others follow as they come. */
  readonly first: readonly ReadonlySet<string>[]
  /** Is there a member that is not strict? */
  readonly open: boolean
}

/**
 * The members of a node that is an object and nothing else. `undefined` where it is not, or where two members know a key.
 * `closing`: somebody looks after unknown keys, in every object.
 */
export function membersOf(node: Node, closing: boolean): Members | undefined {
  switch (node.kind) {
    case 'struct':
      return { fields: node.fields.map((field) => ({ ...field, via: [] })), closed: closing, merged: false }
    case 'same':
      return membersOf(node.of, closing)
    case 'exact': {
      const of = membersOf(node.of, closing)
      if (of === undefined || of.apart !== undefined) return undefined
      const same = of.fields.length === node.kept.size && of.fields.every(({ key }) => node.kept.has(key))
      return same ? { ...of, closed: true } : undefined
    }
    case 'all':
      return merge(node.of, closing)
    default:
      return undefined
  }
}

function merge(nodes: readonly Node[], closing: boolean): Members | undefined {
  const all = nodes.map((node) => membersOf(node, closing))
  if (all.length === 0 || !all.every((each) => each !== undefined)) return undefined
  const fields = all.flatMap((each, at) =>
    each.fields.map((field) => ({ ...field, via: [{ at, codec: (nodes[at] as Node).codec }, ...field.via] })),
  )
  if (new Set(fields.map(({ key }) => key)).size < fields.length) return undefined
  const merged = { fields, closed: closing || all.every((each) => each.closed), merged: true }
  const parts = all.map((each, at) => each.apart ?? (isExact(nodes[at] as Node) ? alone(each) : undefined))
  const strict = parts.filter((part) => part !== undefined)
  if (strict.length === 0) return merged
  // What is not strict answers with every key: nothing that comes after it changes their order.
  const open = parts.findIndex((part) => part === undefined || part.open)
  const before = parts.slice(0, open < 0 ? parts.length : open + 1)
  const first = before.flatMap((part) => part?.first ?? [])
  const [one, ...others] = strict.map((part) => part.core)
  const core = new Set([...(one ?? [])].filter((key) => others.every((other) => other.has(key))))
  return { ...merged, apart: { core, first, open: open >= 0 } }
}

function alone({ fields }: Members): Apart {
  const keys = new Set(fields.map(({ key }) => key))
  return { core: keys, first: [keys], open: false }
}

const isExact = (node: Node): boolean => node.kind === 'exact' || (node.kind === 'same' && isExact(node.of))
