// What would be published: each package is packed, then looked at as those who install it will see it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { command, passes } from './command.ts'
import { manifestProblems } from './manifest.ts'
import { scratch } from './scratch.ts'
import { type Package, readWorkspace } from './workspace.ts'

/** attw starts a process a package, and the machines that check have few cores. */
const atOnce = 2

export async function packages(names: readonly string[] = []): Promise<string[]> {
  const workspace = readWorkspace()
  const queue = workspace.packages
    .filter(({ kind, manifest }) => kind === 'package' && !manifest.private)
    .filter(({ short }) => names.length === 0 || names.includes(short))
  const folder = scratch('pack')

  const problems: string[] = []
  const worker = async (): Promise<void> => {
    for (let pkg = queue.shift(); pkg; pkg = queue.shift()) {
      problems.push(...manifestProblems(pkg, workspace), ...(await packed(pkg, folder)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return problems
}

async function packed(pkg: Package, folder: string): Promise<string[]> {
  const archive = join(folder, `${pkg.short}.tgz`)
  const failed = await passes('pnpm', ['--dir', pkg.folder, 'pack', '--out', archive])
  if (failed.length > 0) return failed
  const { output } = await command('tar', ['-tzf', archive])
  const files = output
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''))
  return [
    ...contents(pkg, files),
    ...(await published(pkg, archive)),
    ...(await passes('attw', [archive, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'])),
  ]
}

/** Files that are missing, and files that must not be there. */
export function contents(pkg: Package, files: readonly string[]): string[] {
  const problems = ['README.md', 'LICENSE']
    .filter((name) => !files.includes(name))
    .map((name) => `${pkg.folder}: ${name} is missing from the package`)
  for (const file of files) {
    if (/\.test\.|\.tsbuildinfo$/.test(file))
      problems.push(`${pkg.folder}: ${file} would be published: exclude it in "files"`)
    const source = file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')
    if (source !== file && !files.includes(source)) {
      problems.push(`${pkg.folder}: ${file} has no source any more: delete ${pkg.folder}/dist, then build again`)
    }
  }
  return problems
}

async function published(pkg: Package, archive: string): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(archive))
  const { messages, pkg: manifest } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  return messages.map((message) => `${pkg.folder}/package.json: ${formatMessage(message, manifest, { color: false })}`)
}
