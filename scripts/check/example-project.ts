// A project of all examples: each is a file whose lines have the numbers they have where the example stands.
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { declarations } from './declarations.ts'
import type { Example } from './examples.ts'
import { boundNames } from './imports.ts'
import { entries, type Package, root, type Workspace } from './workspace.ts'

/** Printed where a continued example begins, to tell its output from what came before. */
export const marker = '\u001e'

export interface ProjectFile {
  readonly example: Example
  /** Inside the project, without extension. */
  readonly path: string
}

const tsconfig = {
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: {
    // As in a project of our users, who need not follow our own rules.
    verbatimModuleSyntax: false,
    erasableSyntaxOnly: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    rewriteRelativeImportExtensions: false,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    moduleDetection: 'force',
    rootDir: '.',
  },
  include: ['**/*.ts'],
}

/** Writes the project into an empty folder. */
export function writeProject(folder: string, workspace: Workspace, examples: readonly Example[]): ProjectFile[] {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('tsconfig.json', JSON.stringify(tsconfig, null, 2))
  write('package.json', '{ "type": "module" }')
  link(join(folder, 'root'), workspace, undefined)
  for (const pkg of workspace.packages) link(join(folder, pkg.short), workspace, pkg)

  return examples.map((example, index) => {
    const pkg = workspace.packages.find((candidate) => example.file.startsWith(`${candidate.folder}/`))
    const name = `${basename(example.file).replace(/\W/g, '-')}-${example.line}`
    const path = `${pkg?.short ?? 'root'}/${name}`
    write(`${path}.ts`, sourceOf(chainOf(examples, index), pkg && imports(workspace, pkg, example)))
    return { example, path }
  })
}

/** An example and those it continues, first one first. */
function chainOf(examples: readonly Example[], last: number): Example[] {
  const chain: Example[] = []
  for (let index = last; index >= 0; index--) {
    const example = examples[index]
    if (!example || example.file !== examples[last]?.file) break
    chain.unshift(example)
    if (!example.continues) break
  }
  return chain
}

function sourceOf(chain: readonly Example[], firstLine = ''): string {
  const lines: string[] = [firstLine]
  for (const { line, code } of chain) for (const [offset, text] of code.entries()) lines[line + offset] = text
  const last = chain.at(-1)
  if (last?.continues) lines[last.line - 1] = `;console.log(${JSON.stringify(marker)})`
  return `${Array.from(lines, (line) => line ?? '').join('\n')}\n`
}

/** Doc comments need not import what they are about: the names of their own package and of ours that it builds on. */
function imports(workspace: Workspace, pkg: Package, { file, code }: Example): string {
  if (file.endsWith('.md')) return ''
  const text = code.join('\n')
  const known = boundNames(text)
  const used = (name: string): boolean => !known.has(name) && new RegExp(`\\b${name}\\b`).test(text)
  const allowed = { ...pkg.manifest.dependencies, ...pkg.manifest.devDependencies }
  const others = workspace.packages.filter(({ manifest }) => manifest.name in allowed)
  return [pkg, ...others]
    .flatMap(({ folder, manifest }) => entries(join(workspace.root, folder), manifest))
    .map(({ specifier, types }) => {
      const names = existsSync(types) ? declarations().names(types).filter(used) : []
      for (const name of names) known.add(name)
      return `import { ${names.join(', ')} } from '${specifier}';`
    })
    .join(' ')
}

/** Gives a folder the dependencies of a package, and the package itself; the root's examples may use all packages. */
function link(folder: string, workspace: Workspace, pkg: Package | undefined): void {
  const published = workspace.packages.filter(({ kind }) => kind === 'package')
  const modules = new Map<string, string>()
  for (const { folder: from, manifest } of pkg ? [pkg] : published) {
    modules.set(manifest.name, join(workspace.root, from))
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const ours = published.find((other) => other.manifest.name === name)
      modules.set(name, join(workspace.root, ours?.folder ?? join(from, 'node_modules', name)))
    }
  }
  for (const [name, target] of modules) {
    if (!existsSync(target)) continue // not installed: the compiler says so where it is imported
    const path = join(folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(realpathSync(target), path)
  }
}
