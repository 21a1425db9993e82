// The compact form that code is made from: what a codec does, once it is sure that io-ts does it.
import * as t from 'io-ts'
import { inside } from '../inside.ts'
import { isBound, isGenuine, isIdentity, isWhole, type Part } from './genuine.ts'
import { domainKeys, keptBy } from './keys.ts'
import { originalOf } from './made.ts'

export type Leaf =
  | 'string'
  | 'number'
  | 'boolean'
  | 'bigint'
  | 'null'
  | 'undefined'
  | 'unknown'
  | 'function'
  | 'never'
  | 'array of anything'
  | 'record of anything'
  | 'object'

export interface Field {
  readonly key: string
  readonly node: Node
  readonly optional: boolean
}

type What =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  /** One of these; `zero` is the literal 0 or -0. */
  | { readonly kind: 'literals'; readonly values: readonly unknown[]; readonly zero?: 0 }
  | { readonly kind: 'array'; readonly of: Node }
  | { readonly kind: 'refined'; readonly of: Node; readonly predicate: unknown }
  /** Only those of its keys go that are `kept`. */
  | { readonly kind: 'exact'; readonly of: Node; readonly kept: ReadonlySet<string> }
  | { readonly kind: 'same'; readonly of: Node }
  | { readonly kind: 'tuple'; readonly of: readonly Node[] }
  | { readonly kind: 'all'; readonly of: readonly Node[] }
  | { readonly kind: 'one'; readonly of: readonly Node[] }
  | {
      readonly kind: 'tagged'
      readonly of: readonly Node[]
      readonly tag: string
      readonly groups: readonly (readonly unknown[])[]
    }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'record'; readonly domain: Node; readonly of: Node }
  /** A recursion: what it is made of is read when somebody asks. */
  | { readonly kind: 'lazy'; readonly of: () => Node }
  /** Written by hand, or by somebody who changed what io-ts made. */
  | { readonly kind: 'opaque' }

/** Are `is` and `encode` io-ts's own? Its `validate` is, unless it is opaque. */
interface Own {
  readonly is: boolean
  readonly encode: 'identity' | 'genuine' | 'opaque'
}

export type Node = What & Own & { readonly codec: t.Mixed }

/** A node of this kind. */
export type Of<K extends Node['kind']> = Extract<Node, { readonly kind: K }>

const opaque: What = { kind: 'opaque' }

const leaves: Readonly<Record<string, Leaf>> = {
  StringType: 'string',
  NumberType: 'number',
  BooleanType: 'boolean',
  BigIntType: 'bigint',
  NullType: 'null',
  UndefinedType: 'undefined',
  VoidType: 'undefined',
  UnknownType: 'unknown',
  AnyType: 'unknown',
  FunctionType: 'function',
  NeverType: 'never',
  AnyArrayType: 'array of anything',
  AnyDictionaryType: 'record of anything',
  ObjectType: 'object',
}

const nodes = new WeakMap<t.Mixed, Node>()

/** The node of a codec: always the same for the same codec. */
export function nodeOf(given: t.Mixed): Node {
  let node = nodes.get(given)
  if (node === undefined) {
    // What contexts name is the codec that was given, compiled or not.
    node = { ...partsOf(originalOf(given)), codec: given }
    nodes.set(given, node)
  }
  return node
}

function partsOf(codec: t.Mixed): What & Own {
  const kind = kindOf(codec)
  const what = isBound(codec) && isOwn(codec, 'validate', kind) ? whatOf(kind, codec) : opaque
  if (what.kind === 'opaque' || (refusesSymbols(what) && !isWhole(codec)))
    return { ...opaque, is: false, encode: isIdentity(codec) ? 'identity' : 'opaque' }
  const encodes = isOwn(codec, 'encode', kind)
  return {
    ...what,
    is: isOwn(codec, 'is', kind),
    encode: isIdentity(codec) ? 'identity' : encodes ? 'genuine' : 'opaque',
  }
}

/** What narrows or names another codec has functions of that one. */
const borrowed: Readonly<Record<string, readonly Part[]>> = {
  ReadonlyType: ['validate', 'is', 'encode'],
  RefinementType: ['encode'],
  ExactType: ['is'],
}

const isOwn = (codec: t.Mixed, part: Part, kind: string): boolean =>
  borrowed[kind]?.includes(part) === true ? codec[part] === inside(codec).type?.[part] : isGenuine(codec, part, kind)

function kindOf(codec: t.Mixed): string {
  const { _tag = '', tag, domain } = inside(codec)
  if (tag !== undefined && isGenuine(codec, 'validate', 'TaggedUnionType')) return 'TaggedUnionType'
  const fixed = _tag === 'DictionaryType' && domain !== undefined && domainKeys(domain) !== undefined
  return fixed ? 'EnumerableType' : _tag
}

function whatOf(kind: string, codec: t.Mixed): What {
  const { type, types = [], props = {}, domain, codomain, value, keys = {}, predicate } = inside(codec)
  const leaf = leaves[kind]
  // The `validate` of a primitive asks its own `is`.
  if (leaf !== undefined) return isGenuine(codec, 'is', kind) ? { kind: 'leaf', leaf } : opaque
  switch (kind) {
    case 'LiteralType':
      return value === 0 ? { kind: 'literals', values: [value], zero: value } : { kind: 'literals', values: [value] }
    case 'KeyofType':
      return { kind: 'literals', values: Object.getOwnPropertyNames(keys) }
    case 'TupleType':
      return { kind: 'tuple', of: types.map(nodeOf) }
    case 'UnionType':
      return { kind: 'one', of: types.map(nodeOf) }
    case 'TaggedUnionType':
      return tagged(codec)
    case 'IntersectionType':
      return { kind: 'all', of: types.map(nodeOf) }
    case 'InterfaceType':
    case 'PartialType':
      return struct(Object.entries(props), kind === 'PartialType')
    case 'RecursiveType':
      return { kind: 'lazy', of: () => nodeOf(inside(codec).type as t.Mixed) }
  }
  if (domain !== undefined && codomain !== undefined) {
    const fixed = kind === 'EnumerableType' ? domainKeys(domain) : undefined
    return fixed === undefined
      ? { kind: 'record', domain: nodeOf(domain), of: nodeOf(codomain) }
      : enumerable(fixed, codomain, codec)
  }
  return type === undefined ? opaque : wrapper(kind, type, predicate)
}

function wrapper(kind: string, type: t.Mixed, predicate: unknown): What {
  switch (kind) {
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { kind: 'array', of: nodeOf(type) }
    case 'RefinementType':
      return { kind: 'refined', of: nodeOf(type), predicate }
    case 'ReadonlyType':
      return { kind: 'same', of: nodeOf(type) }
    case 'ExactType': {
      const kept = keptBy(type)
      return kept === undefined ? opaque : { kind: 'exact', of: nodeOf(type), kept }
    }
    default:
      return opaque
  }
}

function struct(props: readonly (readonly [string, t.Mixed])[], optional: boolean): What {
  // In an object literal this key is no key.
  if (props.some(([key]) => key === '__proto__')) return opaque
  return { kind: 'struct', fields: props.map(([key, codec]) => ({ key, node: nodeOf(codec), optional })) }
}

/** A record of known keys: a strict object. */
function enumerable(keys: readonly string[], codomain: t.Mixed, codec: t.Mixed): What {
  const open = struct(
    keys.map((key) => [key, codomain]),
    false,
  )
  if (open.kind === 'opaque') return opaque
  const encode = keys.length === 0 || isIdentity(codomain) ? 'identity' : 'genuine'
  return { kind: 'exact', of: { ...open, codec, is: true, encode }, kept: new Set(keys) }
}

/** Is a symbol refused without asking anybody else's code? */
function refusesSymbols(what: What): boolean {
  switch (what.kind) {
    case 'leaf':
      return what.leaf !== 'unknown'
    case 'literals':
    case 'array':
    case 'tuple':
    case 'struct':
    case 'record':
    case 'exact':
    case 'tagged':
      return true
    case 'refined':
    case 'same':
      return refusesSymbols(what.of)
    case 'one':
    case 'all':
      return what.of.length > 0 && what.of.every(refusesSymbols)
    default:
      return false
  }
}

/** io-ts's own answer to which values of the tag mean which member. */
const { getIndex } = t as unknown as {
  readonly getIndex?: (codecs: readonly t.Mixed[]) => [string, unknown[][]] | undefined
}

function tagged(codec: t.Mixed): What {
  const { types = [], tag } = inside(codec)
  const [key, groups] = getIndex?.(types) ?? []
  if (key === undefined || groups === undefined || key !== tag) return opaque
  return { kind: 'tagged', of: types.map(nodeOf), tag, groups }
}
