// tsconfig references: `tsc -b` builds what is referenced, so a package that is left out anywhere is not built, or too late.
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Package, scope, type Workspace } from './workspace.ts'

export function references(workspace: Workspace): string[] {
  const built = workspace.packages.filter((pkg) => pkg.kind !== 'tests')
  const problems = compare('tsconfig.json', '', built, read(workspace.root, 'tsconfig.json'))
  for (const pkg of built) {
    const path = `${pkg.folder}/tsconfig.json`
    if (!existsSync(join(workspace.root, path))) {
      problems.push(`${path}:1: is missing: take that of another package`)
      continue
    }
    const ours = Object.keys(pkg.manifest.dependencies ?? {}).filter((name) => name.startsWith(scope))
    const expected = built.filter((other) => ours.includes(other.manifest.name))
    problems.push(...compare(path, pkg.folder, expected, read(workspace.root, path)))
  }
  return problems
}

interface Reference {
  readonly path: string
  readonly line: number
}

/** Read with a pattern, because a tsconfig may hold comments. */
function read(root: string, path: string): Reference[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/\{\s*"path":\s*"([^"]+)"\s*\}/g)].map((match) => ({
    path: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }))
}

function compare(path: string, folder: string, expected: readonly Package[], actual: readonly Reference[]): string[] {
  const resolve = (reference: Reference): string => posix.join(folder, reference.path)
  const missing = expected.filter((pkg) => !actual.some((reference) => resolve(reference) === pkg.folder))
  const extra = actual.filter((reference) => !expected.some((pkg) => resolve(reference) === pkg.folder))
  const why = folder ? 'references are the workspace packages in dependencies' : 'the root references all that is built'
  return [
    ...missing.map((pkg) => `${path}:1: add { "path": "${posix.relative(folder, pkg.folder)}" } to references: ${why}`),
    ...extra.map(({ path: target, line }) => `${path}:${line}: remove { "path": "${target}" }: ${why}`),
  ]
}
