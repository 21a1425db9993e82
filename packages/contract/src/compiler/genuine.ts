// Is a codec what its structure says? A tag does not tell: `withMessage`, `withFallback` and others copy a codec, tag and
// all, and put a function of their own in it. The text of a function does: closures of one literal share it.
import * as t from 'io-ts'
import { inside } from '../inside.ts'

export type Part = 'validate' | 'is' | 'encode'
type Parts = Readonly<Record<Part, unknown>>

/** What io-ts makes of each tag. The second item of a list encodes by itself, where that is another function. */
const samples = (): Readonly<Record<string, readonly Parts[]>> => {
  const other: t.Mixed = new t.Type('', t.string.is, t.string.validate, (text) => text)
  const a = t.literal('a')
  const [A, B, C] = [t.type({ k: a }), t.type({ k: t.literal('b') }), t.type({ k: t.literal('b'), o: other })]
  const arrays = [t.array(a), t.array(other)]
  return {
    NullType: [t.null],
    UndefinedType: [t.undefined],
    VoidType: [t.void],
    UnknownType: [t.unknown],
    AnyType: [t.any],
    StringType: [t.string],
    NumberType: [t.number],
    BigIntType: [t.bigint],
    BooleanType: [t.boolean],
    AnyArrayType: [t.UnknownArray],
    AnyDictionaryType: [t.UnknownRecord],
    ObjectType: [t.object],
    FunctionType: [t.Function],
    NeverType: [t.never],
    LiteralType: [a],
    KeyofType: [t.keyof({ a: null })],
    RefinementType: [t.refinement(a, () => true)],
    RecursiveType: [t.recursion<unknown>('', () => other)],
    ArrayType: arrays,
    ReadonlyArrayType: arrays,
    InterfaceType: [A, C],
    PartialType: [t.partial({ a }), t.partial({ other })],
    ExactType: [t.exact(A)],
    TupleType: [t.tuple([a]), t.tuple([other])],
    IntersectionType: [t.intersection([A, B])],
    UnionType: [t.union([a, t.number]), t.union([a, other])],
    TaggedUnionType: [t.union([A, B]), t.union([A, C])],
    DictionaryType: [t.record(t.string, a), t.record(t.string, other)],
    EnumerableType: [t.record(a, a)],
  }
}

const textOf = (f: unknown): string => (typeof f === 'function' ? Function.prototype.toString.call(f) : '')

let texts: Map<string, ReadonlySet<string>> | undefined

function textsOf(kind: string, part: Part): ReadonlySet<string> {
  // Made when first needed: who compiles nothing pays nothing.
  texts ??= new Map(
    Object.entries(samples()).flatMap(([name, codecs]) =>
      (['validate', 'is', 'encode'] as const).map((each) => [
        `${name} ${each}`,
        new Set(codecs.map((codec) => textOf(codec[each]))),
      ]),
    ),
  )
  return texts.get(`${kind} ${part}`) ?? none
}

const none: ReadonlySet<string> = new Set()

/** Is this part of the codec the function that io-ts makes for such a codec? `kind` is its tag, or finer. */
export const isGenuine = (codec: t.Mixed, part: Part, kind: string): boolean =>
  textsOf(kind, part).has(textOf(codec[part]))

/** Does it encode every value as it is? */
export const isIdentity = (codec: t.Mixed): boolean => isGenuine(codec, 'encode', 'StringType')

/** Is `decode` as io-ts made it: bound to a codec, whose `validate` it calls? */
export const isBound = ({ decode }: t.Mixed): boolean => textOf(decode) === textOf(t.string.decode)

const nothing = Symbol('no codec but t.unknown takes it')
const parts = 'validate is encode type types props domain codomain value keys tag predicate'.split(' ')

/**
 * Are the parts those of the codec that its `decode` is bound to? Of a copy into which somebody put another's parts they
 * are not. Only for codecs that refuse a symbol without asking anybody.
 */
export function isWhole(codec: t.Mixed): boolean {
  const answer = codec.decode(nothing)
  const type = answer._tag === 'Left' ? answer.left[0]?.context[0]?.type : undefined
  if (type === undefined) return false
  const [own, bound] = [inside(codec), inside(type as t.Mixed)] as unknown as Readonly<Record<string, unknown>>[]
  return parts.every((part) => own?.[part] === bound?.[part])
}
