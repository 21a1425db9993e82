// What a source file imports, with lines: static, re-exported, dynamic, and `import('x')` in types.
import { parseSync, Visitor } from 'oxc-parser'

export interface Import {
  readonly specifier: string
  /** Counted from 1. */
  readonly line: number
}

/** The package part of a bare specifier: `@a/b/c` is of `@a/b`, `fp-ts/lib/x.js` of `fp-ts`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

export function importsOf(file: string, text: string): Import[] {
  const { program, errors } = parseSync(file, text)
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`)
  const found: Import[] = []
  const add = (source: unknown): void => {
    const { value, start } = (source ?? {}) as { value?: unknown; start?: number }
    if (typeof value === 'string') found.push({ specifier: value, line: text.slice(0, start).split('\n').length })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
  }).visit(program)
  return found
}

/** The names that a file's imports and its outermost declarations bind. */
export function boundNames(text: string): Set<string> {
  const { program, module } = parseSync('example.ts', text)
  const names = module.staticImports.flatMap(({ entries }) => entries.map(({ localName }) => localName.value))
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type === 'VariableDeclaration') for (const { id } of node.declarations) names.push(...patternNames(id))
    else if (node && 'id' in node) names.push(...patternNames(node.id))
  }
  return new Set(names)
}

function patternNames(pattern: unknown): string[] {
  const node = (pattern ?? {}) as { type?: string; name?: string; [part: string]: unknown }
  if (node.type === 'Identifier') return [node.name ?? '']
  const parts = [node.left, node.argument, node.value, ...[node.elements ?? [], node.properties ?? []].flat()]
  return parts.filter(Boolean).flatMap(patternNames)
}
