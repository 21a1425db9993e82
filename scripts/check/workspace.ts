// The workspace as the checks see it: each package's folder, manifest and source files.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Our packages' npm scope. */
export const scope = '@tenon/'

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly engines?: { readonly node?: string }
  readonly exports?: Readonly<Record<string, string | { readonly types?: string; readonly default?: string }>>
  readonly [field: string]: unknown
}

export interface Package {
  /** The folder's own name, which is the npm name without the scope for what is under `packages/`. */
  readonly short: string
  /** From the workspace's root, with slashes: `packages/breaker`. */
  readonly folder: string
  /** `package`: published, under `packages/`. `program`: an example or the benchmarks. `tests`: what crosses packages. */
  readonly kind: 'package' | 'program' | 'tests'
  readonly manifest: Manifest
  /** TypeScript sources, from the workspace's root, sorted. */
  readonly files: readonly string[]
}

export interface Workspace {
  readonly root: string
  readonly manifest: Manifest
  readonly packages: readonly Package[]
}

export interface Entry {
  /** What users import. */
  readonly specifier: string
  /** The declaration file's path. */
  readonly types: string
}

/** What a package's `exports` let users import. */
export const entries = (folder: string, { name, exports = {} }: Manifest): Entry[] =>
  Object.entries(exports).map(([subpath, target]) => ({
    specifier: join(name, subpath),
    types: join(folder, typeof target === 'string' ? target : (target.types ?? '')),
  }))

export const isTest = (file: string): boolean => file.endsWith('.test.ts')

const readJson = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8'))

/** Reads the workspace in a folder: the packages that pnpm-workspace.yaml names, in alphabetical order. */
export function readWorkspace(from: string = root): Workspace {
  const patterns = packagePatterns(readFileSync(join(from, 'pnpm-workspace.yaml'), 'utf8'))
  const folders = globSync(patterns, { cwd: from }).filter((folder) => existsSync(join(from, folder, 'package.json')))
  const packages = folders.sort().map((folder): Package => {
    const kind = folder.startsWith('packages/') ? 'package' : folder === 'test' ? 'tests' : 'program'
    const pattern = kind === 'tests' ? `${folder}/**/*.ts` : `${folder}/src/**/*.ts`
    const exclude = (entry: string): boolean => basename(entry) === 'node_modules'
    const files = globSync(pattern, { cwd: from, exclude }).sort()
    return { short: basename(folder), folder, kind, manifest: readJson(join(from, folder, 'package.json')), files }
  })
  return { root: from, manifest: readJson(join(from, 'package.json')), packages }
}

/** The items of the list under `packages:`. */
function packagePatterns(yaml: string): string[] {
  const list = /^packages:\n((?:\s+-.*\n)+)/m.exec(yaml)?.[1] ?? ''
  return [...list.matchAll(/-\s*(\S+)/g)].map((item) => item[1] ?? '')
}
