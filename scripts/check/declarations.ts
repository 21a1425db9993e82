// Reads declaration files: what each declares, imports and exports, and which declaration an exported name means.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Node, parseSync, Visitor } from 'oxc-parser'

/** A name's declarations in one file (several for overloads, or for an interface beside a constant). */
export interface Declared {
  readonly file: string
  readonly name: string
  readonly texts: readonly string[]
  /** Names of other declarations that the texts refer to. */
  readonly refers: readonly string[]
}

/** A name of another package. */
export interface Foreign {
  readonly specifier: string
  readonly name: string
}

export type Meaning = Declared | Foreign

export const isForeign = (meaning: Meaning): meaning is Foreign => 'specifier' in meaning

interface Source {
  readonly specifier: string
  /** `*` for a namespace. */
  readonly name: string
}

interface File {
  readonly declared: ReadonlyMap<string, Declared>
  readonly imported: ReadonlyMap<string, Source>
  /** What each exported name is: a local name, or one of another file. */
  readonly exported: ReadonlyMap<string, string | Source>
  readonly exportedAll: readonly string[]
}

/** Answers questions about declaration files, each of which is read once. */
export interface Declarations {
  /** Every name a file exports, sorted. */
  readonly names: (path: string) => string[]
  /** What an exported name stands for. */
  readonly exportOf: (path: string, name: string) => Meaning | undefined
  /** What a name means inside a file; undefined for what is built in, and for type parameters. */
  readonly local: (path: string, name: string) => Meaning | undefined
}

export function declarations(): Declarations {
  const files = new Map<string, File>()
  const read = (path: string): File => {
    const known = files.get(path) ?? parse(path, readFileSync(path, 'utf8'))
    files.set(path, known)
    return known
  }

  const names = (path: string): string[] => {
    const { exported, exportedAll } = read(path)
    const all = exportedAll.flatMap((specifier) => (isRelative(specifier) ? names(resolve(path, specifier)) : []))
    return [...new Set([...exported.keys(), ...all])].sort()
  }

  const exportOf = (path: string, name: string): Meaning | undefined => {
    const { exported, exportedAll } = read(path)
    const target = exported.get(name)
    if (typeof target === 'string') return local(path, target)
    if (target) return follow(path, target)
    const from = exportedAll.find(
      (specifier) => isRelative(specifier) && names(resolve(path, specifier)).includes(name),
    )
    return from === undefined ? undefined : exportOf(resolve(path, from), name)
  }

  const local = (path: string, name: string): Meaning | undefined => {
    const { declared, imported } = read(path)
    const source = imported.get(name)
    return declared.get(name) ?? (source && follow(path, source))
  }

  const follow = (path: string, { specifier, name }: Source): Meaning | undefined =>
    isRelative(specifier) && name !== '*' ? exportOf(resolve(path, specifier), name) : { specifier, name }

  return { names, exportOf, local }
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.')

const resolve = (from: string, specifier: string): string =>
  join(dirname(from), specifier.replace(/(\.d)?\.[tj]s$/, '.d.ts'))

function parse(path: string, text: string): File {
  const { program, module, comments } = parseSync(path, text)
  const declared = new Map<string, Declared>()
  const declare = (name: string, node: Node): void => {
    const before = declared.get(name)
    const texts = [...(before?.texts ?? []), withoutComments(text, comments, node)]
    declared.set(name, { file: path, name, texts, refers: [...(before?.refers ?? []), ...referred(node)] })
  }
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (!node) continue
    if (node.type === 'VariableDeclaration') {
      for (const { id } of node.declarations) if (id.type === 'Identifier') declare(id.name, node)
    } else if ('id' in node && node.id?.type === 'Identifier') declare(node.id.name, node)
  }

  const imported = new Map<string, Source>()
  for (const { moduleRequest, entries } of module.staticImports) {
    for (const { localName, importName } of entries) {
      const name =
        importName.kind === 'Name' ? (importName.name ?? '') : importName.kind === 'Default' ? 'default' : '*'
      imported.set(localName.value, { specifier: moduleRequest.value, name })
    }
  }
  const exported = new Map<string, string | Source>()
  const exportedAll: string[] = []
  for (const { moduleRequest, importName, exportName, localName } of module.staticExports.flatMap(
    ({ entries }) => entries,
  )) {
    const name = exportName.kind === 'Default' ? 'default' : exportName.name
    if (name === null) exportedAll.push(moduleRequest?.value ?? '')
    else if (moduleRequest) exported.set(name, { specifier: moduleRequest.value, name: importName.name ?? '*' })
    else exported.set(name, localName.name ?? name)
  }
  return { declared, imported, exported, exportedAll }
}

/** The names a declaration refers to: types, `typeof x`, base types and computed keys. */
function referred(node: Node): string[] {
  const found: string[] = []
  const leftmost = (name: unknown): void => {
    const {
      type,
      name: text,
      left,
      object,
    } = (name ?? {}) as { type?: string; name?: string; left?: unknown; object?: unknown }
    if (type === 'Identifier' && text) found.push(text)
    else if (left ?? object) leftmost(left ?? object)
  }
  const key = (member: { computed?: boolean; key: unknown }): void => {
    if (member.computed) leftmost(member.key)
  }
  const visitor = new Visitor({
    TSTypeReference: ({ typeName }) => leftmost(typeName),
    TSTypeQuery: ({ exprName }) => leftmost(exprName),
    TSInterfaceHeritage: ({ expression }) => leftmost(expression),
    TSClassImplements: ({ expression }) => leftmost(expression),
    ClassDeclaration: ({ superClass }) => leftmost(superClass),
    TSPropertySignature: key,
    TSMethodSignature: key,
    PropertyDefinition: key,
  })
  // A visitor wants a whole program; one statement is enough of one.
  visitor.visit({ type: 'Program', body: [node] } as unknown as Parameters<typeof visitor.visit>[0])
  return [...new Set(found)]
}

/** A node's text without comments, blank lines and the words that say nothing in a declaration file. */
function withoutComments(text: string, comments: readonly { start: number; end: number }[], node: Node): string {
  let result = ''
  let at = node.start
  for (const { start, end } of comments) {
    if (start < node.start || end > node.end) continue
    result += text.slice(at, start)
    at = end
  }
  return (result + text.slice(at, node.end))
    .replace(/^declare /, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n')
}
