// Is everything that one side writes taken by the other side? Subtyping of descriptions, by induction over alternatives and
// coinduction over recursions (Amadio and Cardelli, "Subtyping recursive types", 1993). It errs on one side only: where
// it says yes, it is so.
import type { Description } from '../description.ts'
import { type Atom, type AtomField, alternatives, both, type Definitions } from './alternatives.ts'
import { overlaps } from './overlaps.ts'

/** What does not fit, seen from the wire: the writer may write what the reader does not take. */
export interface Misfit {
  readonly path: readonly string[]
  readonly kind: 'absent' | 'unknown' | 'renamed' | 'type' | 'value' | 'predicate'
  /** What the writer writes there, in words. */
  readonly written: string
  /** What the reader takes there, in words. */
  readonly taken: string
}

export interface Side {
  readonly of: Description
  readonly definitions: Definitions
}

/** Every misfit between what is written and what is read by a reader that so treats keys it does not know. */
export function misfits(writer: Side, reader: Side, unknownKeys: 'refuse' | 'strip'): readonly Misfit[] {
  /** By pair; `fits` while it is being looked at, too: a recursion fits if nothing in it does not. */
  const known = new Map<string, readonly Misfit[]>()

  function compare(w: Description, r: Description): readonly Misfit[] {
    const pair = `${JSON.stringify(w)}|${JSON.stringify(r)}`
    const before = known.get(pair)
    if (before !== undefined) return before
    const assumed = [...known.keys()].length
    known.set(pair, [])
    const found = compareUnions(w, r)
    // What was found to fit because this was assumed to is not known to fit.
    if (found.length > 0) for (const key of [...known.keys()].slice(assumed)) known.delete(key)
    known.set(pair, found)
    return found
  }

  function compareUnions(w: Description, r: Description): readonly Misfit[] {
    const written = alternatives(w, writer.definitions)
    const taken = alternatives(r, reader.definitions)
    if (written === undefined || taken === undefined)
      return JSON.stringify(w) === JSON.stringify(r) && writer.definitions === reader.definitions
        ? []
        : [misfit('type', 'an intersection of too many alternatives', 'another one')]
    const seen = written.map(textOf)
    return written.flatMap((atom, at) => compareAtom(atom, taken, new Set(seen.slice(0, at))))
  }

  /** `earlier`: the alternatives that the writer tries before this one. */
  function compareAtom(w: Atom, taken: readonly Atom[], earlier: ReadonlySet<string>): readonly Misfit[] {
    if (w.kind === 'boolean' && w.names.length === 0) {
      const literals = taken.flatMap((r) => (r.kind === 'literal' && r.names.length === 0 ? [r.value] : []))
      if (literals.includes(true) && literals.includes(false)) return []
    }
    let best: readonly Misfit[] | undefined
    for (const r of taken) {
      const found = compareAtoms(w, r)
      if (found.length === 0) return found
      if (sameKind(w, r) && (best === undefined || found.length < best.length)) best = found
      // A reader goes on with the first member that takes the value but for its unknown keys, and then refuses those.
      // What the writer would have written as that member itself does not get here.
      if (unknownKeys === 'refuse' && isNested(w) && isNested(r) && !earlier.has(textOf(r)) && reaches(w, r))
        return best ?? found
    }
    const isValue = w.kind === 'literal' && taken.some((r) => r.kind === 'literal')
    return best ?? [misfit(isValue ? 'value' : 'type', words(w), taken.map(words).join(' | ') || 'nothing at all')]
  }

  const reaches = (w: Atom, r: Atom): boolean => overlaps(w, r, writer.definitions, reader.definitions)

  function compareAtoms(w: Atom, r: Atom): readonly Misfit[] {
    if (r.kind === 'both') return r.of.flatMap((part) => compareAtoms(w, part))
    if (w.kind === 'both') {
      const parts = w.of.map((part) => compareAtoms(part, r))
      return parts.find((found) => found.length === 0) ?? (parts[0] as readonly Misfit[])
    }
    const predicates = r.names.filter((name) => !w.names.includes(name))
    const found = predicates.map((name) => misfit('predicate', words(w), name))
    return [...found, ...compareStructure(w, r)]
  }

  function compareStructure(w: Atom, r: Atom): readonly Misfit[] {
    if (r.kind === 'anything') return []
    if (w.kind === 'custom' && r.kind === 'custom' && w.name === r.name) return []
    if (w.kind === 'literal')
      if (r.kind === 'literal') return w.value === r.value ? [] : [misfit('value', words(w), words(r))]
      else return typeof w.value === r.kind ? [] : [misfit('type', words(w), words(r))]
    if (w.kind === 'array' && r.kind === 'array') return within('[]', compare(w.item, r.item))
    if (w.kind === 'tuple' && r.kind === 'array')
      return w.items.flatMap((item, at) => within(`[${at}]`, compare(item, r.item)))
    if (w.kind === 'tuple' && r.kind === 'tuple') return compareTuples(w.items, r.items)
    if (w.kind === 'object' && r.kind === 'object') return compareObjects(w, r)
    const leaf = w.kind !== 'custom' && w.kind !== 'array' && w.kind !== 'tuple' && w.kind !== 'object'
    return leaf && w.kind !== 'anything' && w.kind === r.kind ? [] : [misfit('type', words(w), words(r))]
  }

  function compareTuples(w: readonly Description[], r: readonly Description[]): readonly Misfit[] {
    const shared = w.slice(0, r.length).flatMap((item, at) => within(`[${at}]`, compare(item, r[at] as Description)))
    const further = w.length > r.length && unknownKeys === 'refuse'
    if (further) return [...shared, { ...misfit('unknown', 'a further item', 'no such item'), path: [`[${r.length}]`] }]
    if (w.length < r.length) return [...shared, { ...misfit('absent', 'nothing', 'an item'), path: [`[${w.length}]`] }]
    return shared
  }

  function compareObjects(w: ObjectAtom, r: ObjectAtom): readonly Misfit[] {
    const found: Misfit[] = []
    const absent: string[] = []
    for (const [name, field] of r.fields) {
      const own = w.fields.get(name)
      if (own !== undefined) {
        found.push(...within(name, compare(own.of, field.of)))
        if (own.optional && !field.optional)
          found.push({ ...misfit('absent', 'sometimes nothing', 'always something'), path: [name] })
        continue
      }
      // A key that is nobody's may come with anything that the writer allows for such keys.
      if (w.rests.length > 0) found.push(...within(name, compare(both(w.rests.map(({ value }) => value)), field.of)))
      else if (w.open) found.push(...within(name, compare({ kind: 'anything' }, field.of)))
      if (!field.optional) absent.push(name)
    }
    const unknown: string[] = []
    for (const [name, field] of w.fields) {
      if (r.fields.has(name)) continue
      for (const { key, value } of r.rests)
        found.push(
          ...within(name, compare({ kind: 'literal', values: [name] }, key)),
          ...within(name, compare(field.of, value)),
        )
      if (r.rests.length === 0 && !r.open && unknownKeys === 'refuse') unknown.push(name)
    }
    found.push(...restsOf(w, r))
    const [extra, ...others] = [...w.fields.keys()].filter((name) => !r.fields.has(name))
    const [lost, ...lostToo] = absent
    if (extra !== undefined && lost !== undefined && others.length + lostToo.length === 0) {
      const fields = [w.fields.get(extra), r.fields.get(lost)] as const
      if (compare((fields[0] as AtomField).of, (fields[1] as AtomField).of).length === 0)
        return [...found, { path: [extra], kind: 'renamed', written: extra, taken: lost }]
    }
    for (const name of absent) found.push({ ...misfit('absent', 'nothing', 'always something'), path: [name] })
    for (const name of unknown) found.push({ ...misfit('unknown', 'a field', 'no such field'), path: [name] })
    return found
  }

  /** What is written under keys that are no fields. */
  function restsOf(w: ObjectAtom, r: ObjectAtom): readonly Misfit[] {
    if (w.rests.length === 0 && !w.open) return []
    if (r.rests.length > 0) {
      const own = (side: 'key' | 'value'): Description =>
        w.rests.length > 0 ? both(w.rests.map((rest) => rest[side])) : { kind: 'anything' }
      return r.rests.flatMap(({ key, value }) => [
        ...within('*', compare(w.rests.length > 0 ? own('key') : { kind: 'string' }, key)),
        ...within('*', compare(own('value'), value)),
      ])
    }
    return r.open || unknownKeys === 'strip'
      ? []
      : [{ ...misfit('unknown', 'any keys', 'only known fields'), path: ['*'] }]
  }

  return compare(writer.of, reader.of)
}

type ObjectAtom = Atom & { readonly kind: 'object' }

const misfit = (kind: Misfit['kind'], written: string, taken: string): Misfit => ({ path: [], kind, written, taken })

const within = (step: string, found: readonly Misfit[]): readonly Misfit[] =>
  found.map((inner) => ({ ...inner, path: [step, ...inner.path] }))

const isNested = ({ kind }: Atom): boolean =>
  kind === 'object' || kind === 'array' || kind === 'tuple' || kind === 'both'

const sameKind = (w: Atom, r: Atom): boolean =>
  w.kind === r.kind ? w.kind !== 'literal' : w.kind === 'literal' ? typeof w.value === r.kind : r.kind === 'both'

/** An atom as a text that is the same for the same atom. */
const textOf = (atom: Atom): string =>
  JSON.stringify(atom, (_, value: unknown) => (value instanceof Map ? [...value] : value))

function words(atom: Atom): string {
  const named = atom.names.length > 0 ? atom.names.join(' & ') : undefined
  switch (atom.kind) {
    case 'literal':
      return JSON.stringify(atom.value)
    case 'custom':
      return atom.name
    case 'both':
      return atom.of.map(words).join(' & ')
    case 'tuple':
      return named ?? `a tuple of ${atom.items.length}`
    default:
      return named ?? atom.kind
  }
}
