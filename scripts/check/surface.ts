// The public surface: what users of a package can name, kept as text beside it, so that no change of it goes unseen.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Declarations, type Declared, declarations, isForeign, type Meaning } from './declarations.ts'
import { diff } from './diff.ts'
import { entries, type Package, readWorkspace, type Workspace } from './workspace.ts'

/** The snapshot's name in each package's folder. */
export const snapshotName = 'surface.txt'

const updateCommand = (pkg: Package): string => `npm run check -- surface --update ${pkg.short}`

/** Compares each package with its snapshot; with `--update [package...]`, rewrites the snapshots of all or of those. */
export function surface(args: readonly string[], workspace: Workspace = readWorkspace()): string[] {
  const update = args.includes('--update')
  const chosen = args.filter((arg) => arg !== '--update')
  const published = workspace.packages.filter(({ kind }) => kind === 'package')
  const unknown = chosen.filter((name) => !published.some(({ short }) => short === name))
  if (unknown.length > 0) return unknown.map((name) => `no package is called "${name}"`)
  return published
    .filter(({ short }) => chosen.length === 0 || chosen.includes(short))
    .flatMap((pkg) => (update ? accept(workspace, pkg) : compare(workspace, pkg)))
}

function accept(workspace: Workspace, pkg: Package): string[] {
  writeFileSync(join(workspace.root, pkg.folder, snapshotName), describe(workspace, pkg))
  return []
}

function compare(workspace: Workspace, pkg: Package): string[] {
  const path = `${pkg.folder}/${snapshotName}`
  const file = join(workspace.root, path)
  if (!existsSync(file)) return [`${path}:1: is missing: create it with "${updateCommand(pkg)}"`]
  const changes = diff(readFileSync(file, 'utf8'), describe(workspace, pkg))
  if (changes.length === 0) return []
  return [
    `${path}:${changes[0]?.line}: what users can name has changed:`,
    ...changes.slice(0, 40).map(({ text }) => `  ${text}`),
    ...(changes.length > 40 ? [`  ... and ${changes.length - 40} lines more`] : []),
    `  If this is meant, accept it with "${updateCommand(pkg)}" and describe it with "npm run exec -- changeset".`,
  ]
}

/** A package's whole surface as text. */
export function describe(workspace: Workspace, pkg: Package): string {
  const reader = declarations()
  const described = entries(join(workspace.root, pkg.folder), pkg.manifest).map(({ specifier, types }) => ({
    title: specifier,
    exported: reader.names(types).map((name): Exported => ({ name, meaning: reader.exportOf(types, name) })),
  }))
  // What one entry exports needs no second mention where another refers to it.
  const named = new Set(described.flatMap(({ exported }) => exported.map(({ meaning }) => meaning)))
  const sections = described.flatMap(({ title, exported }) => ['', `## ${title}`, ...section(exported, named, reader)])
  return `# Written by "${updateCommand(pkg)}": what users of ${pkg.manifest.name} can name.\n${sections.join('\n')}\n`
}

interface Exported {
  readonly name: string
  readonly meaning: Meaning | undefined
}

function section(exported: readonly Exported[], named: ReadonlySet<unknown>, reader: Declarations): string[] {
  const behind = new Set<Declared>()
  const foreign = new Set<string>()
  const follow = ({ file, refers }: Declared): void => {
    for (const meaning of refers.map((name) => reader.local(file, name))) {
      if (!meaning || named.has(meaning)) continue
      if (isForeign(meaning)) foreign.add(`import { ${meaning.name} } from '${meaning.specifier}'`)
      else behind.add(meaning)
    }
  }
  for (const { meaning } of exported) if (meaning && !isForeign(meaning)) follow(meaning)
  for (const declared of behind) follow(declared) // grows while it is walked
  const hidden = [...behind].map(({ texts }) => texts.join('\n')).sort(byName)
  return [
    ...titled('', exported.flatMap(exportedText)),
    ...titled('# Cannot be named, but is part of the above:', [...new Set(hidden)]),
    ...titled('# Of other packages:', [...foreign].sort()),
  ]
}

const byName = (one: string, two: string): number => {
  const name = (text: string): string => text.replace(/^(abstract )?\w+ /, '')
  return name(one) < name(two) ? -1 : 1
}

const titled = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : title === '' ? ['', ...lines] : ['', title, '', ...lines]

function exportedText({ name, meaning }: Exported): string[] {
  if (!meaning) return [`export { ${name} }`]
  if (isForeign(meaning)) return [`export { ${meaning.name} as ${name} } from '${meaning.specifier}'`]
  const renamed = meaning.name === name ? [] : [`export { ${meaning.name} as ${name} }`]
  return [...renamed, ...meaning.texts.map((text) => `export ${text}`)]
}
