// The examples of the READMEs, of CONTRIBUTING.md and of doc comments: all compile, and those marked `ts run` run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.ts'
import { marker, type ProjectFile, writeProject } from './example-project.ts'
import { type Extracted, extract } from './examples.ts'
import { scratch } from './scratch.ts'
import { isTest, readWorkspace, root } from './workspace.ts'

/** Milliseconds an example may run. */
const limit = 20_000

const atOnce = 2

export async function readme(): Promise<string[]> {
  const { packages } = readWorkspace()
  const texts = ['README.md', 'CONTRIBUTING.md', ...packages.map((pkg) => `${pkg.folder}/README.md`)]
  const published = packages.filter(({ kind }) => kind === 'package')
  const sources = published.flatMap(({ files }) => files.filter((file) => !isTest(file)))
  return check([...texts, ...sources].filter((file) => existsSync(join(root, file))).map(read))
}

/** What is wrong with these examples. */
export async function check(found: readonly Extracted[]): Promise<string[]> {
  const folder = scratch('readme')
  const examples = found.flatMap((extracted) => extracted.examples)
  const files = writeProject(folder, readWorkspace(), examples)
  const problems = await compile(folder, files)
  const broken = new Set(problems.map(({ path }) => path))
  const runs = await runAll(
    folder,
    files.filter(({ example, path }) => example.run && !broken.has(path)),
  )
  return [...found.flatMap((extracted) => extracted.problems), ...new Set(problems.map(({ text }) => text)), ...runs]
}

const read = (file: string): Extracted => extract(file, readFileSync(join(root, file), 'utf8'))

/** One run of the compiler over all; it also writes the JavaScript that is run. */
async function compile(folder: string, files: readonly ProjectFile[]): Promise<{ path: string; text: string }[]> {
  if (files.length === 0) return []
  const { code, output } = await command('tsc', ['-p', folder, '--pretty', 'false'])
  if (code === 0) return []
  const problems: { path: string; text: string }[] = []
  for (const line of output.trim().split('\n')) {
    const match = /^(.*)\.ts\((\d+),\d+\): error (.*)$/.exec(line)
    const file = files.find(({ path }) => match?.[1]?.endsWith(path))
    const last = problems.at(-1)
    if (match && file) problems.push({ path: file.path, text: `${file.example.file}:${match[2]}: ${match[3]}` })
    else if (last && line.startsWith(' ')) last.text += `\n${line}`
    else problems.push({ path: '', text: line })
  }
  return problems
}

async function runAll(folder: string, files: readonly ProjectFile[]): Promise<string[]> {
  const queue = [...files]
  const problems: string[] = []
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) problems.push(...(await runOne(folder, file)))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return problems.sort()
}

async function runOne(folder: string, { example, path }: ProjectFile): Promise<string[]> {
  const where = `${example.file}:${example.line}`
  const args = ['--enable-source-maps', `${join(folder, path)}.js`]
  const { code, output, timedOut } = await command('node', args, { env: { NO_COLOR: '1' }, limit })
  const shown = indent(output.replaceAll(`${join(folder, path)}.ts`, example.file))
  if (timedOut) return [`${where}: still runs after ${limit / 1000} s: close what it opens\n${shown}`]
  if (code === 13) return [`${where}: waits for something that never comes (unsettled top-level await)\n${shown}`]
  if (code !== 0) return [`${where}: ended with ${code}\n${shown}`]
  const printed = (output.split(`${marker}\n`).at(-1) ?? '').trimEnd()
  const wanted = example.output?.join('\n').trimEnd()
  if (wanted === undefined || matches(printed, wanted)) return []
  return [
    `${where}: prints something else than the README says\n  says:\n${indent(wanted)}\n  prints:\n${indent(printed)}`,
  ]
}

/** Three dots in what the README says stand for anything: a port, a duration, further lines. */
export function matches(printed: string, wanted: string): boolean {
  const pattern = wanted.split('...').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${pattern.join('[^]*?')}$`).test(printed)
}

const indent = (text: string): string => text.trimEnd().replace(/^/gm, '    ')
