// Could a value of one alternative be taken for one of another, but for keys that the other does not know?
import type { Description } from '../description.ts'
import { type Atom, alternatives, type Definitions } from './alternatives.ts'

/** How deep it is looked; what is deeper may be alike. */
const deepest = 6

/** False only where no value of `w` is taken by `r`. */
export function overlaps(w: Atom, r: Atom, from: Definitions, to: Definitions, depth = 0): boolean {
  if (depth > deepest || opaque.has(w.kind) || opaque.has(r.kind)) return true
  if (w.kind === 'literal' || r.kind === 'literal') {
    if (w.kind === 'literal' && r.kind === 'literal') return w.value === r.value
    const [literal, other] = w.kind === 'literal' ? [w, r] : [r as Atom & { kind: 'literal' }, w]
    return typeof literal.value === other.kind
  }
  const inside = (one: Description, other: Description): boolean => {
    const ones = alternatives(one, from)
    const others = alternatives(other, to)
    if (ones === undefined || others === undefined) return true
    return ones.some((a) => others.some((b) => overlaps(a, b, from, to, depth + 1)))
  }
  if (w.kind === 'object' && r.kind === 'object') {
    const isOpen = w.open || w.rests.length > 0
    for (const [name, field] of r.fields) {
      const own = w.fields.get(name)
      if (
        own === undefined ? !field.optional && !isOpen : !(own.optional && field.optional) && !inside(own.of, field.of)
      )
        return false
    }
    return true
  }
  if (w.kind === 'tuple' && r.kind === 'tuple')
    return w.items.every((item, at) => at >= r.items.length || inside(item, r.items[at] as Description))
  const lists = [w.kind, r.kind].every((kind) => kind === 'array' || kind === 'tuple')
  return lists || w.kind === r.kind
}

const opaque: ReadonlySet<string> = new Set(['anything', 'custom', 'both'])
