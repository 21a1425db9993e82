// Codecs as descriptions: structure, names and annotations, with a definition for what has a name or recurs.
import type * as t from 'io-ts'
import { type Annotations, annotated } from './annotate.ts'
import type { DescribedField, Description, Notes } from './description.ts'
import { wireExample } from './example.ts'
import { inside } from './inside.ts'
import { knownCodecs } from './known.ts'

/** Describes codecs; what has a name or recurs is described once, for all of them. */
export interface Describer {
  describe(codec: t.Mixed): Description
  /** What refs refer to, by name, in the order of their first use. */
  readonly definitions: ReadonlyMap<string, Description>
  /** What cannot be described, or is described otherwise than it is: one sentence each. */
  readonly warnings: readonly string[]
}

/** A describer without definitions. */
export function describer(): Describer {
  const names = new Map<t.Mixed, string>()
  const definitions = new Map<string, Description>()
  const warnings = new Set<string>()

  /** Through the definitions: the description of this codec by reference. */
  function named(codec: t.Mixed, wanted: string, make: () => Description): Description {
    const known = names.get(codec)
    if (known !== undefined) return { kind: 'ref', name: known }
    let name = wanted
    for (let n = 2; definitions.has(name); n++) name = `${wanted}_${n}`
    names.set(codec, name)
    definitions.set(name, { kind: 'never' })
    const made = make()
    definitions.set(name, made)
    // Another codec of the same name that is the same in everything is the same definition.
    const same = name === wanted ? undefined : sameAs(made, name)
    if (same !== undefined) {
      names.set(codec, same)
      definitions.delete(name)
      return { kind: 'ref', name: same }
    }
    if (name !== wanted) warnings.add(`two codecs are named ${wanted}; one of them is described as ${name}`)
    return { kind: 'ref', name }
  }

  function sameAs(made: Description, name: string): string | undefined {
    const own = JSON.stringify({ kind: 'ref', name })
    const stem = name.replace(/_\d+$/, '')
    for (const [other, definition] of definitions) {
      if (other === name || other.replace(/_\d+$/, '') !== stem) continue
      const text = JSON.stringify(made).replaceAll(own, JSON.stringify({ kind: 'ref', name: other }))
      if (text === JSON.stringify(definition)) return other
    }
    return undefined
  }

  function describe(codec: t.Mixed): Description {
    const said = annotated(codec)
    if (said !== undefined) {
      const { title } = said.annotations
      const notes = notesOf(codec, said.annotations)
      const make = (): Description => withNotes(opaque(said.of, notes) ?? describe(said.of), notes)
      // One word is a name; that of the codec itself it has already.
      return title !== undefined && isName(title) && title !== said.of.name ? named(codec, title, make) : make()
    }
    const { _tag, name, type } = inside(codec)
    if (_tag === 'RecursiveType')
      return named(codec, isName(name) ? name : 'Recursive', () => bare(type as t.Mixed, name))
    if (_tag !== undefined && isName(name) && !unnamed.has(_tag) && !knownCodecs.has(name))
      return named(codec, name, () => body(codec))
    return body(codec)
  }

  /** Without the name that io-ts has given to the inside of a recursion. */
  function bare(codec: t.Mixed, name: string): Description {
    const said = annotated(codec)
    if (said !== undefined) return withNotes(bare(said.of, name), notesOf(codec, said.annotations))
    return codec.name === name && inside(codec)._tag !== 'RecursiveType' ? body(codec) : describe(codec)
  }

  function body(codec: t.Mixed): Description {
    const { _tag, name, type, types = [], props = {}, domain, codomain, value, keys = {}, tag } = inside(codec)
    const within = (): Description => describe(type as t.Mixed)
    switch (_tag) {
      case 'StringType':
        return { kind: 'string' }
      case 'NumberType':
        return { kind: 'number' }
      case 'BooleanType':
        return { kind: 'boolean' }
      case 'NullType':
        return { kind: 'null' }
      case 'UndefinedType':
      case 'VoidType':
        return { kind: 'nothing' }
      case 'UnknownType':
      case 'AnyType':
        return { kind: 'anything' }
      case 'NeverType':
        return { kind: 'never' }
      case 'LiteralType':
        return { kind: 'literal', values: [value as string] }
      case 'KeyofType':
        return { kind: 'literal', values: Object.keys(keys) }
      case 'ArrayType':
      case 'ReadonlyArrayType':
        return { kind: 'array', item: within() }
      case 'AnyArrayType':
        return { kind: 'array', item: { kind: 'anything' } }
      case 'TupleType':
        return tuple(types)
      case 'DictionaryType':
        return record(domain as t.Mixed, codomain as t.Mixed)
      case 'AnyDictionaryType':
        return { kind: 'record', key: { kind: 'string' }, value: { kind: 'anything' } }
      case 'InterfaceType':
      case 'StrictType':
        return { kind: 'object', fields: Object.entries(props).map(([key, of]) => field(key, of, false)) }
      case 'PartialType':
        return { kind: 'object', fields: Object.entries(props).map(([key, of]) => field(key, of, true)) }
      case 'ExactType':
      case 'ReadonlyType':
        return within()
      case 'RefinementType':
        return refined(within(), name)
      case 'RecursiveType':
        return describe(codec)
      case 'IntersectionType':
        return { kind: 'all', of: types.map(describe) }
      case 'UnionType':
        return { kind: 'one', of: types.map(describe), ...(tag !== undefined && { tag }) }
      default: {
        const known = _tag === undefined ? knownCodecs.get(name) : undefined
        if (known !== undefined) return refined({ kind: known.kind }, name)
        warnings.add(`what ${name} is on the wire is not known: annotate(${name}, { schema: { ... } }) says it`)
        return { kind: 'custom', name }
      }
    }
  }

  /** io-ts asks an item that is not there about `undefined`: a list may end before those that take it. */
  function tuple(types: readonly t.Mixed[]): Description {
    const least = types.findLastIndex((item) => !takesNothing(item)) + 1
    const items = types.map(describe)
    return { kind: 'tuple', items, ...(least < items.length && { least }) }
  }

  function refined(of: Description, name: string): Description {
    const known = knownCodecs.get(name)
    return { kind: 'refined', of, name, ...(known?.kind === of.kind && { notes: { schema: known.schema } }) }
  }

  /** Where the keys are known, they must all be there: io-ts reads such a record as an object. */
  function record(domain: t.Mixed, codomain: t.Mixed): Description {
    const key = describe(domain)
    const names = keysOf(key)
    if (names === undefined) return { kind: 'record', key, value: describe(codomain) }
    return { kind: 'object', fields: names.map((name) => field(name, codomain, false)) }
  }

  function field(name: string, codec: t.Mixed, optional: boolean): DescribedField {
    return { name, of: present(describe(codec)), optional: optional || takesNothing(codec) }
  }

  function keysOf(description: Description): readonly string[] | undefined {
    if (description.kind === 'ref') return keysOf(definitions.get(description.name) as Description)
    if (description.kind === 'one') {
      const members = description.of.map(keysOf)
      return members.every((keys) => keys !== undefined) ? members.flat() : undefined
    }
    return description.kind === 'literal' && description.values.every((value) => typeof value === 'string')
      ? (description.values as readonly string[])
      : undefined
  }

  /** A codec written by hand of which an annotation says what is on the wire. */
  function opaque(codec: t.Mixed, { schema }: Notes): Description | undefined {
    const type = schema?.type === 'integer' ? 'number' : schema?.type
    if (inside(codec)._tag !== undefined || annotated(codec) !== undefined || knownCodecs.has(codec.name))
      return undefined
    if (type === 'string' || type === 'number' || type === 'boolean')
      return { kind: 'refined', of: { kind: type }, name: codec.name }
    return schema === undefined ? undefined : { kind: 'custom', name: codec.name }
  }

  function notesOf(codec: t.Mixed, { example, ...rest }: Annotations): Notes {
    if (example === undefined) return rest
    const found = wireExample(codec, example)
    if ('value' in found) return { ...rest, example: found.value }
    warnings.add(`the example of ${rest.title ?? codec.name} ${found.wrong}`)
    return rest
  }

  return {
    describe,
    definitions,
    get warnings() {
      return [...warnings]
    },
  }
}

/** Tags whose names io-ts gives them. */
const unnamed: ReadonlySet<string> = new Set(
  'NullType UndefinedType VoidType UnknownType AnyType NeverType StringType NumberType BigIntType BooleanType AnyArrayType AnyDictionaryType ObjectType FunctionType LiteralType'.split(
    ' ',
  ),
)

/** Names that io-ts makes up have brackets, quotes or spaces in them. */
const isName = (name: string): boolean => /^[A-Za-z_][\w.-]{0,99}$/.test(name)

const withNotes = (description: Description, notes: Notes): Description => ({
  ...description,
  notes: {
    ...description.notes,
    ...notes,
    ...(description.notes?.schema && notes.schema && { schema: { ...description.notes.schema, ...notes.schema } }),
  },
})

/** Without `undefined`, which a field says by being absent. */
function present(description: Description): Description {
  if (description.kind !== 'one' || !description.of.some(({ kind }) => kind === 'nothing')) return description
  const of = description.of.filter(({ kind }) => kind !== 'nothing')
  const [only] = of
  if (of.length > 1 || only === undefined) return { ...description, of }
  return description.notes === undefined ? only : withNotes(only, description.notes)
}

/** May the field be absent? A codec written by hand has to be asked, so all are. */
function takesNothing(codec: t.Mixed): boolean {
  try {
    return codec.decode(undefined)._tag === 'Right'
  } catch {
    return false
  }
}
