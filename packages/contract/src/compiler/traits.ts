// Questions about a node whose answers save generated code work. In doubt they say yes.
import { inside } from '../inside.ts'
import { isOpen } from './conditions.ts'
import { membersOf } from './members.ts'
import type { Node } from './node.ts'

/** Does the test hold for the node or for something inside of it? */
export function anywhere(node: Node, test: (part: Node) => boolean, seen: Set<Node> = new Set()): boolean {
  if (seen.has(node)) return false
  seen.add(node)
  return test(node) || inner(node).some((part) => anywhere(part, test, seen))
}

function inner(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'array':
    case 'refined':
    case 'exact':
    case 'same':
      return [node.of]
    case 'tuple':
    case 'all':
    case 'one':
    case 'tagged':
      return node.of
    case 'struct':
      return node.fields.map((field) => field.node)
    case 'record':
      return [node.domain, node.of]
    case 'lazy':
      return [node.of()]
    default:
      return []
  }
}

/** May what comes out be another value than what went in? `strict` objects and structs lose keys. */
export const changes = (node: Node, closing: boolean): boolean =>
  anywhere(
    node,
    (part) =>
      part.kind === 'opaque' ||
      part.kind === 'exact' ||
      part.kind === 'tuple' ||
      (part.kind === 'record' && !isText(part.domain)) ||
      (part.kind === 'struct' &&
        (closing || part.fields.some(({ node, optional }) => !optional && takesUndefined(node)))),
  )

/** Is it `t.string`, which as the domain of a record takes every key? */
export const isText = (node: Node): boolean => node.kind === 'leaf' && node.leaf === 'string'

export function takesUndefined(node: Node, seen: Set<Node> = new Set()): boolean {
  if (seen.has(node)) return true
  seen.add(node)
  switch (node.kind) {
    case 'leaf':
      return node.leaf === 'undefined' || node.leaf === 'unknown'
    case 'literals':
      return node.values.includes(undefined)
    case 'opaque':
      return true
    case 'refined':
    case 'same':
      return takesUndefined(node.of, seen)
    case 'lazy':
      return takesUndefined(node.of(), seen)
    case 'one':
      return node.of.some((part) => takesUndefined(part, seen))
    case 'all':
      return node.of.every((part) => takesUndefined(part, seen))
    default:
      return false
  }
}

/** Is nobody else's code asked about `undefined`, which either does not fit or stays what it is? */
export function isQuiet(node: Node, seen: Set<Node> = new Set()): boolean {
  if (seen.has(node)) return true
  seen.add(node)
  switch (node.kind) {
    case 'opaque':
      return false
    case 'refined':
      return isQuiet(node.of, seen) && !takesUndefined(node.of)
    case 'same':
      return isQuiet(node.of, seen)
    case 'lazy':
      return isQuiet(node.of(), seen)
    case 'one':
    case 'all':
      return node.of.every((part) => isQuiet(part, seen))
    default:
      return true
  }
}

/** Has a value of this node keys, or may it? */
export const hasKeys = (node: Node): boolean =>
  node.kind === 'struct' ||
  node.kind === 'record' ||
  node.kind === 'opaque' ||
  (node.kind === 'leaf' && isOpen(node.leaf))

const asking = new WeakMap<Node, boolean>()

/** Is somebody's own code asked for its answer when a value of this node is decoded? Then it is told where. */
export function asks(node: Node): boolean {
  let found = asking.get(node)
  if (found === undefined) {
    found = anywhere(node, ({ kind }) => kind === 'opaque')
    asking.set(node, found)
  }
  return found
}

/** Can it be that of several members each takes an object, or each an array? Then the first one that does is meant. */
export const isCrowded = (members: readonly Node[]): boolean =>
  members.filter((member) => mayTake(member, 'object')).length > 1 ||
  members.filter((member) => mayTake(member, 'array')).length > 1

function mayTake(node: Node, what: 'array' | 'object', seen: Set<Node> = new Set()): boolean {
  if (seen.has(node)) return true
  seen.add(node)
  switch (node.kind) {
    case 'array':
    case 'tuple':
      return what === 'array'
    case 'struct':
    case 'exact':
    case 'tagged':
      return what === 'object'
    case 'record':
    case 'opaque':
      return true
    case 'refined':
    case 'same':
      return mayTake(node.of, what, seen)
    case 'lazy':
      return mayTake(node.of(), what, seen)
    case 'one':
      return node.of.some((part) => mayTake(part, what, seen))
    case 'all':
      return node.of.every((part) => mayTake(part, what, seen))
    case 'leaf':
      return isOpen(node.leaf)
    default:
      return false
  }
}

/** May keys be left out of what a value of this node holds? Not of what somebody's own code takes. */
export const losesKeys = (node: Node): boolean =>
  anywhere(
    node,
    (part) =>
      part.kind === 'struct' ||
      part.kind === 'record' ||
      (part.kind === 'opaque' && inside(part.codec)._tag !== undefined),
  )

/** Could a value be judged otherwise once keys are left out of it? */
export const isTouchy = (node: Node): boolean =>
  anywhere(
    node,
    (part) =>
      (part.kind === 'opaque' && losesKeys(part)) || isUnclear(part) || (part.kind === 'refined' && losesKeys(part.of)),
  )

/**
 * Is it not simple to say which keys are known, so that those are asked who look for unknown keys? So it is when several
 * codecs look at one object, and when a codec by hand judges keys.
 */
export function isUnclear(node: Node): boolean {
  switch (node.kind) {
    case 'all':
      return membersOf(node, true) === undefined && anywhere(node, hasKeys)
    case 'one':
      // It names a tag and does not use it; or a member takes other values than its structure says.
      return inside(node.codec).tag !== undefined || node.of.some((member) => isDisguised(member, new Set()))
    case 'record':
      return asks(node.domain)
    default:
      return false
  }
}

/** Is it, or may it stand for, a codec that somebody changed, so that it need not take what it seems to take? */
function isDisguised(node: Node, seen: Set<Node>): boolean {
  if (seen.has(node)) return false
  seen.add(node)
  switch (node.kind) {
    case 'opaque':
      return inside(node.codec)._tag !== undefined
    case 'refined':
    case 'same':
    case 'exact':
      return isDisguised(node.of, seen)
    case 'lazy':
      return isDisguised(node.of(), seen)
    case 'one':
    case 'all':
      return node.of.some((part) => isDisguised(part, seen))
    default:
      return false
  }
}
