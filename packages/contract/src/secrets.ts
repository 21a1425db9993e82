// Where in a codec secrets are, and how issues say where something is wrong without telling one.
import type * as t from 'io-ts'
import { annotated, redacted } from './annotate.ts'
import { inside } from './inside.ts'
import { pathOf, type Step } from './path.ts'

const known = new WeakMap<t.Mixed, boolean>()

/** Is a secret somewhere in the codec? */
export function hasSecret(codec: t.Mixed, seen: Set<t.Mixed> = new Set()): boolean {
  const before = known.get(codec)
  if (before !== undefined) return before
  if (seen.has(codec)) return false
  const outermost = seen.size === 0
  seen.add(codec)
  const found = isSecret(codec) || parts(codec).some((part) => hasSecret(part, seen))
  // Inside a recursion a "no" holds only as far as it was looked.
  if (found || outermost) known.set(codec, found)
  return found
}

/** Is it said of the codec itself, or of what was annotated before? */
export function isSecret(codec: t.Mixed): boolean {
  for (let said = annotated(codec); said !== undefined; said = annotated(said.of))
    if (said.annotations.secret !== undefined) return said.annotations.secret
  return false
}

function parts(codec: t.Mixed): readonly t.Mixed[] {
  const { _tag, type, types, props, domain, codomain } = inside(codec)
  if (types !== undefined) return types
  if (props !== undefined) return Object.values(props)
  if (domain !== undefined && codomain !== undefined) return [domain, codomain]
  return _tag !== undefined && type !== undefined ? [type] : []
}

/** How the issues of a codec keep its secrets. */
export interface Hiding {
  /** `login.box[redacted]`: a key that the codec does not name is a value where it stands in a secret, or is one itself. */
  path(steps: readonly Step[]): string
  /** Is what stands there a secret, or in one? */
  hides(steps: readonly Step[]): boolean
}

const nothing: Hiding = { path: pathOf, hides: () => false }

/** The hiding of a whole codec. */
export const hiding = (codec: t.Mixed): Hiding =>
  hasSecret(codec)
    ? { path: (steps) => pathOf(follow(codec, steps).shown), hides: (steps) => follow(codec, steps).secret }
    : nothing

interface Found {
  /** The codecs that may hold of what stands there, behind unions, intersections and wrappers. */
  readonly codecs: ReadonlySet<t.Mixed>
  readonly secret: boolean
}

function follow(root: t.Mixed, steps: readonly Step[]): Found & { readonly shown: readonly Step[] } {
  const shown: Step[] = []
  let at = behind([root], false)
  for (const step of steps) {
    const next: t.Mixed[] = []
    let named = typeof step === 'number'
    let { secret } = at
    for (const codec of at.codecs) {
      const { _tag, type, types, props, domain, codomain } = inside(codec)
      if (props !== undefined && Object.hasOwn(props, step)) {
        named = true
        next.push(props[step] as t.Mixed)
      } else if (domain !== undefined && codomain !== undefined) {
        secret ||= behind([domain], false).secret
        next.push(codomain)
      } else {
        const item = _tag === 'TupleType' ? types?.[Number(step)] : props === undefined ? type : undefined
        if (item !== undefined) next.push(item)
      }
    }
    shown.push(secret && !named ? redacted : step)
    at = behind(next, at.secret)
  }
  return { ...at, shown }
}

/** What is behind these codecs; a secret where any of them is one, or `inSecret`. */
export function behind(codecs: readonly t.Mixed[], inSecret: boolean): Found {
  const atoms = new Set<t.Mixed>()
  const seen = new Set<t.Mixed>()
  let secret = inSecret
  const open = (codec: t.Mixed): void => {
    if (seen.has(codec)) return
    seen.add(codec)
    secret ||= isSecret(codec)
    const { _tag, type, types = [] } = inside(codec)
    if (_tag === 'UnionType' || _tag === 'IntersectionType') types.forEach(open)
    else if (_tag !== undefined && wraps.has(_tag) && type !== undefined) open(type)
    else atoms.add(codec)
  }
  codecs.forEach(open)
  return { codecs: atoms, secret }
}

const wraps: ReadonlySet<string> = new Set(['ExactType', 'ReadonlyType', 'RefinementType', 'RecursiveType'])
