// A small workspace in a temporary folder, for the tests of the checks.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readWorkspace, scope, type Workspace } from './workspace.ts'

export interface FakePackage {
  /** Third-party packages by name, ours as `endpoint`. */
  readonly dependencies?: readonly string[]
  readonly devDependencies?: readonly string[]
  /** Text by the path inside the package, as `src/index.ts`. */
  readonly files?: Readonly<Record<string, string>>
  /** Instead of the references that dependencies ask for. */
  readonly references?: readonly string[]
  readonly manifest?: Readonly<Record<string, unknown>>
}

const ours = ['endpoint', 'policy', 'contract', 'discovery', 'discovery-consul', 'breaker', 'retry', 'stack']
const npmName = (name: string): string => (ours.includes(name) ? scope + name : name)
const versions = (names: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(names.map((name) => [npmName(name), ours.includes(name) ? 'workspace:^' : '1.0.0']))

/** Packages by folder name; an `endpoint` always exists. It is removed when the test ends. */
export function fakeWorkspace(packages: Readonly<Record<string, FakePackage>>): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  }
  const all = { endpoint: {}, ...packages }
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - bench\n\nstoreDir: .cache/store\n')
  write('package.json', { name: 'root', private: true, devDependencies: { vitest: '1.0.0' } })
  write('tsconfig.json', { references: Object.keys(all).map((name) => ({ path: folderOf(name) })) })
  for (const [name, { dependencies = [], devDependencies, files, references, manifest }] of Object.entries(all) as [
    string,
    FakePackage,
  ][]) {
    const folder = folderOf(name)
    const up = name === 'bench' ? '../packages/' : '../'
    write(`${folder}/package.json`, {
      name: npmName(name) === name ? scope + name : npmName(name),
      dependencies: versions(dependencies),
      devDependencies: versions(devDependencies),
      ...manifest,
    })
    write(`${folder}/tsconfig.json`, {
      references: (references ?? dependencies.filter((other) => ours.includes(other)).map((other) => up + other)).map(
        (path) => ({ path }),
      ),
    })
    for (const [path, text] of Object.entries({ 'src/index.ts': 'export {}\n', ...files }))
      write(`${folder}/${path}`, text)
  }
  return readWorkspace(root)
}

const folderOf = (name: string): string => (name === 'bench' ? 'bench' : `packages/${name}`)
