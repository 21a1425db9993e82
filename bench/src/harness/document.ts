// Writes the published figures into the documents: all of them into docs/benchmarks.md, some into READMEs, between marks.
// All come from bench/results, so that a document cannot say what no run has said.
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { caption, tablesOf, targetsOf } from './markdown.ts'
import { Refusal } from './refusal.ts'
import { loadReports, type Report } from './report.ts'
import type { Suite } from './suite.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const results = join(root, 'bench', 'results')

/** Where a run of this suite is published. */
export const publishedAt = (suite: string): string => join(results, `${suite}.json`)

/** Where it is published what a request costs on its servers, layer by layer: Markdown. */
export const profileAt = (suite: string): string => join(results, `${suite}-profile.md`)

type Described = Pick<Suite, 'name' | 'does' | 'notes'>

/** Every document that shows figures, as it must be, by its path. */
export function documents(suites: readonly Described[]): ReadonlyMap<string, string> {
  const published = new Map(
    readdirSync(results)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => loadReports(join(results, file)))
      .map((report) => [report.suite, report]),
  )
  const readmes = globSync(['README.md', '*/README.md', 'packages/*/README.md'], { cwd: root })
    .map((path) => [join(root, path), readFileSync(join(root, path), 'utf8')] as const)
    .filter(([, text]) => mark.test(text))
  return new Map([
    [join(root, 'docs', 'benchmarks.md'), overview(suites, published)],
    ...readmes.map(([path, text]) => [path, filled(path, text, published)] as const),
  ])
}

export function writeDocuments(suites: readonly Described[]): readonly string[] {
  const all = documents(suites)
  for (const [path, text] of all) writeFileSync(path, text)
  return [...all.keys()]
}

function overview(suites: readonly Described[], published: ReadonlyMap<string, Report>): string {
  const parts = suites.flatMap(({ name, does, notes }) => {
    const report = published.get(name)
    if (report === undefined) return []
    const tables = [tablesOf(report), targetsOf(report), caption(report)].filter((part) => part !== '')
    return [
      `## ${name}`,
      `${does[0]?.toUpperCase()}${does.slice(1)}.`,
      ...(notes === undefined ? [] : [notes]),
      ...tables,
      ...(existsSync(profileAt(name)) ? [readFileSync(profileAt(name), 'utf8').trimEnd()] : []),
    ]
  })
  const head = `# Benchmarks

What was published last. How each figure is measured, what is compared with what, and how to run it on your machine: [bench/README.md](../bench/README.md).
Ratios first: they are taken within cycles of turns, so that they hold on a machine whose speed changes; absolute figures are this machine's. The best of a column, and what does not differ from it, is **bold**.

This file is made from [\`bench/results\`](../bench/results) by \`npm run bench -- --document\`; \`npm run bench -- --publish\` measures everything anew before.`
  return `${[head, ...parts].join('\n\n')}\n`
}

// <!-- bench chain: ten steps; targets --> ... <!-- /bench -->
const mark = /(<!-- bench (\S+): (.*?) -->\n)[\s\S]*?(<!-- \/bench -->)/
const marks = new RegExp(mark, 'g')

const filled = (path: string, text: string, published: ReadonlyMap<string, Report>): string =>
  text.replace(marks, (_, begin: string, suite: string, wanted: string, end: string) => {
    const report = published.get(suite)
    if (report === undefined) throw new Refusal(`${path}: there is no published run of "${suite}"`)
    const parts = wanted.split('; ').map((name) => {
      const part = name === 'targets' ? targetsOf(report) : tablesOf(report, name)
      if (part === '') throw new Refusal(`${path}: the published run of "${suite}" has no "${name}"`)
      return part
    })
    return `${begin}\n${[...parts, caption(report)].join('\n\n')}\n\n${end}`
  })
