// The dependency law: who may import whom. It keeps a breaker free of transports and a transport free of breakers.
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { cycles } from './cycles.ts'
import { type Import, importsOf, packageOf } from './imports.ts'
import { references } from './references.ts'
import { isTest, type Package, readWorkspace, scope, type Workspace } from './workspace.ts'

const kernel = 'endpoint'
const foundations = [kernel, 'policy', 'contract']

/** To come: joins its siblings to the documented orders, so it alone may import them. */
const joiner = 'stack'

/** Which packages of ours a package may build on. */
export function mayImport(from: string, to: string): boolean {
  if (from === kernel) return false
  if (foundations.includes(from)) return to === kernel
  return from === joiner || foundations.includes(to) || from.startsWith(`${to}-`)
}

/** Every breach of the law, as `file:line: what is wrong and what to do`. */
export function law(workspace: Workspace = readWorkspace()): string[] {
  return [...workspace.packages.flatMap((pkg) => packageLaw(workspace, pkg)), ...references(workspace)]
}

function packageLaw(workspace: Workspace, pkg: Package): string[] {
  const graph = new Map<string, Import[]>()
  const problems = pkg.kind === 'package' ? manifestLaw(workspace, pkg) : []
  for (const file of pkg.files) {
    const imports = importsOf(file, readFileSync(join(workspace.root, file), 'utf8'))
    graph.set(file, imports)
    for (const found of imports) {
      const problem = importLaw(workspace, pkg, file, found.specifier)
      if (problem) problems.push(`${file}:${found.line}: ${problem}`)
    }
  }
  return [...problems, ...cycles(graph)]
}

/** What is wrong with one import, if anything is. */
function importLaw(workspace: Workspace, pkg: Package, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relativeLaw(pkg, file, specifier)
  if (specifier.startsWith('node:')) return undefined
  if (isBuiltin(specifier)) return `imports "${specifier}": write "node:${specifier}"`
  const name = packageOf(specifier)
  if (name === pkg.manifest.name) {
    return isTest(file) ? undefined : `imports its own package by name: import the file, as "./${pkg.short}.ts"`
  }
  if (pkg.kind === 'package' && !isTest(file) && !lawful(pkg, name)) return unlawful(pkg, name)
  return declared(workspace, pkg, file, name)
}

function relativeLaw(pkg: Package, file: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file), specifier)
  if (pkg.kind !== 'package' || target.startsWith(`${pkg.folder}/`)) return undefined
  return `imports "${specifier}", which is outside ${pkg.folder}: import a package by its name`
}

const lawful = (pkg: Package, name: string): boolean =>
  !name.startsWith(scope) || mayImport(pkg.short, name.slice(scope.length))

function unlawful(pkg: Package, name: string): string {
  const allowed =
    pkg.short === kernel ? 'nothing of ours' : foundations.filter((to) => mayImport(pkg.short, to)).join(', ')
  return `depends on ${name}, but ${pkg.short} may build on ${allowed} only: join the two with pipe where both are used, or declare the small interface that is needed here`
}

/** A source may import what its users get installed; a test also what stands in devDependencies, its own or the root's. */
function declared(workspace: Workspace, pkg: Package, file: string, name: string): string | undefined {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = pkg.manifest
  const forTests = isTest(file) || pkg.kind === 'tests'
  const known = { ...dependencies, ...peerDependencies, ...optionalDependencies }
  if (forTests) Object.assign(known, devDependencies, workspace.manifest.devDependencies)
  if (name in known) return undefined
  const field = forTests ? 'devDependencies' : 'dependencies'
  return `imports ${name}, which is not declared: add it to ${field} of ${pkg.folder}/package.json, then run "npm run pnpm -- install --no-frozen-lockfile"`
}

function manifestLaw(workspace: Workspace, pkg: Package): string[] {
  const path = `${pkg.folder}/package.json`
  const lines = readFileSync(join(workspace.root, path), 'utf8').split('\n')
  const lineOf = (text: string): number => lines.findIndex((line) => line.includes(`"${text}"`)) + 1
  const problems: string[] = []
  if (pkg.manifest.name !== scope + pkg.short) {
    problems.push(
      `${path}:${lineOf('name')}: is named ${pkg.manifest.name}: a package has its folder's name, ${scope}${pkg.short}`,
    )
  }
  const { dependencies, peerDependencies, optionalDependencies } = pkg.manifest
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    if (!lawful(pkg, name)) problems.push(`${path}:${lineOf(name)}: ${unlawful(pkg, name)}`)
  }
  return problems
}
