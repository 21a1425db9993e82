// Goes through a value beside its codec: finds or leaves out the keys that the codec does not know, leaves out optional
// keys that are `undefined`. Copies only what it changes.
import type * as t from 'io-ts'
import { guard } from './guard.ts'
import { type Issue, kindOf, maxIssues, unknownField } from './issue.ts'
import type { Step } from './path.ts'
import { type Field, literalsOf, resolve, type Shape, some } from './shape.ts'

export interface Walk {
  /** Does this member of a union take the value? */
  readonly takes: (member: t.Mixed, value: unknown) => boolean
  /** Are keys that nobody knows left out? Else they are issues. */
  readonly strip: boolean
  /** Is the value foreign: to be looked through where the codec does not? */
  readonly foreign: boolean
  /** Writes where an issue is. */
  readonly path: (steps: readonly Step[]) => string
  readonly issues: Issue[]
  readonly steps: Step[]
}

type Row = Readonly<Record<string, unknown>>

const plains = new WeakMap<Shape, boolean>()

/** Can nothing in a value of this shape have keys, or be worth a look? */
export function isPlain(shape: Shape): boolean {
  let plain = plains.get(shape)
  if (plain === undefined) {
    plain = !some(shape, (part) => !leaves.has(part.kind))
    plains.set(shape, plain)
  }
  return plain
}

const leaves: ReadonlySet<string> = new Set('string number boolean null undefined literals one all'.split(' '))

/** The tidied value; what was wrong with it is in `walk.issues`. */
export function tidy(shape: Shape, value: unknown, walk: Walk): unknown {
  if (typeof value !== 'object' || value === null || isPlain(shape)) return value
  const known = expand(shape, value, walk, [])
  return Array.isArray(value) ? tidyArray(known, value, walk) : tidyObject(known, value as Row, walk)
}

/** The shapes that hold for this value at once: of a union the member that takes it, of an intersection all. */
function expand(shape: Shape, value: object, walk: Walk, into: Shape[]): Shape[] {
  const resolved = resolve(shape)
  if (resolved.kind === 'all') for (const member of resolved.of) expand(member, value, walk, into)
  else if (resolved.kind === 'one') {
    const member = choose(resolved, value, walk)
    if (member !== undefined) expand(member, value, walk, into)
    // Where no member takes it, the codec will say so; what its keys should be nobody knows.
    else into.push({ kind: 'unknown' })
  } else into.push(resolved)
  return into
}

function choose(shape: Union, value: object, walk: Walk): Shape | undefined {
  if (shape.tag !== undefined) {
    const tagged = membersByTag(shape, shape.tag).get((value as Row)[shape.tag])
    if (tagged !== undefined) return tagged
  }
  const candidates = shape.of.flatMap((member, at) => (mayTake(member, value) ? [at] : []))
  const [first] = candidates
  const found =
    candidates.length === 1 ? first : candidates.find((at) => walk.takes(shape.codecs[at] as t.Mixed, value))
  return found === undefined ? undefined : shape.of[found]
}

type Union = Shape & { readonly kind: 'one' }

const tagged = new WeakMap<Union, ReadonlyMap<unknown, Shape>>()

function membersByTag(shape: Union, tag: string): ReadonlyMap<unknown, Shape> {
  let members = tagged.get(shape)
  if (members === undefined) {
    members = new Map(shape.of.flatMap((member) => literalsOf(member, tag).map((value) => [value, member] as const)))
    tagged.set(shape, members)
  }
  return members
}

/** Could a member of this shape be an array, or an object, as this value is? */
function mayTake(shape: Shape, value: object): boolean {
  const resolved = resolve(shape)
  switch (resolved.kind) {
    case 'array':
    case 'tuple':
      return Array.isArray(value)
    case 'struct':
    case 'record':
      return !Array.isArray(value)
    case 'one':
      return resolved.of.some((member) => mayTake(member, value))
    case 'all':
      return resolved.of.every((member) => mayTake(member, value))
    default:
      return resolved.kind === 'custom' || resolved.kind === 'unknown'
  }
}

function tidyArray(known: readonly Shape[], value: readonly unknown[], walk: Walk): unknown {
  for (const shape of known) {
    if (shape.kind === 'tuple' && !walk.strip)
      for (let i = shape.items.length; i < value.length; i++) refuse(i, value[i], walk)
    look(shape, value, walk)
  }
  if (known.every((shape) => shape.kind !== 'tuple' && (shape.kind !== 'array' || isPlain(shape.item)))) return value
  let copy: unknown[] | undefined
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i]
    if (typeof item !== 'object' || item === null) continue
    let tidied: unknown = item
    walk.steps.push(i)
    for (const shape of known) {
      const inside = shape.kind === 'array' ? shape.item : shape.kind === 'tuple' ? shape.items[i] : undefined
      if (inside !== undefined) tidied = tidy(inside, tidied, walk)
    }
    walk.steps.pop()
    if (tidied !== item) {
      copy ??= value.slice()
      copy[i] = tidied
    }
  }
  return copy ?? value
}

function tidyObject(known: readonly Shape[], value: Row, walk: Walk): unknown {
  for (const shape of known) look(shape, value, walk)
  const open = known.some((shape) => !closed.has(shape.kind))
  // Of an instance of a class, getters count and its own other keys do not: it becomes a plain object.
  const instance = !open && !isDictionary(value) && known.every((shape) => shape.kind === 'struct')
  const keys = instance ? namesOf(known, value) : Object.keys(value)
  let copy: Record<string, unknown> | undefined = instance ? {} : undefined
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string
    const item = value[key]
    const field = fieldOf(known, key)
    let tidied: unknown = item
    let keep = true
    if (field === undefined) {
      keep = open && key !== '__proto__'
      if (!keep && !walk.strip) refuse(key, item, walk)
    } else if (item === undefined) keep = !field.optional
    else if (typeof item === 'object') {
      walk.steps.push(key)
      tidied = tidy(field.shape, item, walk)
      walk.steps.pop()
    }
    if (copy === undefined && (!keep || !Object.is(tidied, item))) copy = firstOf(value, keys, at)
    if (copy !== undefined && keep) copy[key] = tidied
  }
  return copy ?? value
}

const closed: ReadonlySet<Shape['kind']> = new Set(['struct', 'record'])

function isDictionary(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const namesOf = (known: readonly Shape[], value: object): readonly string[] =>
  known.flatMap((shape) => (shape.kind === 'struct' ? [...shape.fields.keys()].filter((key) => key in value) : []))

/** What is known of a key: by one member of an intersection, or by several. */
function fieldOf(known: readonly Shape[], key: string): Field | undefined {
  let found: Field | undefined
  if (key === '__proto__') return undefined
  for (const shape of known) {
    const field =
      shape.kind === 'struct'
        ? shape.fields.get(key)
        : shape.kind === 'record' && shape.key.is(key)
          ? { shape: shape.value, optional: false }
          : undefined
    if (field === undefined) continue
    found =
      found === undefined
        ? field
        : { shape: { kind: 'all', of: [found.shape, field.shape] }, optional: found.optional && field.optional }
  }
  return found
}

/** A copy of the keys before `end`. No `__proto__` gets here as a key. */
function firstOf(value: Row, keys: readonly string[], end: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (let i = 0; i < end; i++) copy[keys[i] as string] = value[keys[i] as string]
  return copy
}

/** Looks through what an opaque codec takes as it is. */
function look(shape: Shape, value: unknown, walk: Walk): void {
  if (!walk.foreign || (shape.kind !== 'custom' && shape.kind !== 'unknown')) return
  const issue = guard(value, walk.steps, walk.path)
  if (issue !== undefined) walk.issues.push(issue)
}

function refuse(key: Step, value: unknown, walk: Walk): void {
  if (walk.issues.length > maxIssues) return
  walk.issues.push({ path: walk.path([...walk.steps, key]), expected: unknownField, actual: kindOf(value) })
}
