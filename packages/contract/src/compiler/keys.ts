// Which keys io-ts finds in the structure of a codec, as it finds them.
import type * as t from 'io-ts'
import { inside } from '../inside.ts'

/** The keys of a record that has a fixed set of them; `undefined` for any other domain. */
export function domainKeys(domain: t.Mixed): readonly string[] | undefined {
  const keys = keysObject(domain)
  return keys === undefined ? undefined : Object.keys(keys)
}

function keysObject(domain: t.Mixed): object | undefined {
  const { _tag, value, keys, types = [] } = inside(domain)
  if (_tag === 'LiteralType') return typeof value === 'string' ? { [value]: null } : undefined
  if (_tag === 'KeyofType') return keys
  if (_tag !== 'UnionType') return undefined
  const all = types.map(keysObject)
  // What is not a string ends the search; the order is that of one object.
  return all.includes(undefined) ? undefined : Object.assign({}, ...all)
}

/** The keys that a strict codec keeps of what this one answers; `undefined` where io-ts finds none and fails. */
export function keptBy(codec: t.Mixed): ReadonlySet<string> | undefined {
  const { _tag, type, types = [], props } = inside(codec)
  switch (_tag) {
    case 'RefinementType':
    case 'ReadonlyType':
      return type === undefined ? undefined : keptBy(type)
    case 'InterfaceType':
    case 'StrictType':
    case 'PartialType':
      return props === undefined ? undefined : new Set(Object.getOwnPropertyNames(props))
    case 'IntersectionType':
      // Those of members in which it finds none are not kept.
      return new Set(types.flatMap((each) => [...(keptBy(each) ?? [])]))
    default:
      return undefined
  }
}
