// The command line: what may be asked for, and one clear line for what may not.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from './refusal.ts'

export interface Options {
  /** `undefined`: all of them. */
  readonly suite: string | undefined
  readonly quick: boolean
  readonly json: string | undefined
  readonly from: string | undefined
  readonly markdown: boolean
  readonly publish: boolean
  readonly document: boolean
  readonly rounds: number | undefined
  readonly time: number | undefined
  readonly filter: string | undefined
  readonly seed: number
  readonly list: boolean
  readonly help: boolean
}

export const usage = `usage: npm run bench -- [SUITE] [OPTIONS]

Without a suite all of them run. Figures go to the standard output, progress to standard error.

  --list          names the suites
  --quick         a smoke run: does everything work? Its figures mean little
  --rounds N      how often each case is measured, in a fresh process each time
  --time MS       how long each case is timed in each round, in milliseconds
  --filter TEXT   only cases whose name, subject or scenario contains TEXT; what they are compared with runs too
  --seed N        seeds the order of the cases and everything else that is random (default 1)
  --json FILE     writes the report: an object for one suite, an array for all
  --from FILE     measures nothing: shows a report that --json wrote
  --markdown      prints Markdown tables
  --publish       also writes the report into bench/results, and what is there into docs/benchmarks.md and the READMEs
  --document      measures nothing: writes what is in bench/results into docs/benchmarks.md and the READMEs
  --help          this

Exit codes: 0 done (a missed target is a result, not an error), 1 a self-check failed, 2 a bad option, 130 interrupted.`

const flags = {
  quick: { type: 'boolean' },
  markdown: { type: 'boolean' },
  publish: { type: 'boolean' },
  document: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  json: { type: 'string' },
  from: { type: 'string' },
  rounds: { type: 'string' },
  time: { type: 'string' },
  filter: { type: 'string' },
  seed: { type: 'string' },
} as const

/** Reads the arguments. Throws a {@link Refusal} for what makes no sense. */
export function optionsOf(args: readonly string[], suites: readonly string[]): Options {
  const { values, positionals } = parsed(args)
  const [suite, ...more] = positionals
  if (more.length > 0) throw new Refusal(`one suite or none, and not "${positionals.join(' ')}"`)
  if (suite !== undefined && !suites.includes(suite))
    throw new Refusal(`no suite is called "${suite}"; there is: ${suites.join(', ')}`)
  const { json, from, filter, quick = false, markdown = false, list = false, help = false } = values
  const { publish = false, document = false } = values
  if (json !== undefined && !isFolder(dirname(json)))
    throw new Refusal(`--json: the folder of "${json}" does not exist`)
  if (publish && (quick || filter !== undefined))
    throw new Refusal('--publish: whole runs only, not --quick or --filter')
  if (filter === '') throw new Refusal('--filter: some text, and not nothing')
  if (filter !== undefined && suite === undefined) throw new Refusal('--filter: name the suite to filter')
  return {
    suite,
    quick,
    json,
    from,
    markdown,
    publish,
    document,
    rounds: whole('rounds', values.rounds, 1, 1_000),
    time: whole('time', values.time, 1, 600_000),
    filter,
    seed: whole('seed', values.seed, 0, 0xffff_ffff) ?? 1,
    list,
    help,
  }
}

type Values = {
  [K in keyof typeof flags]?: ((typeof flags)[K]['type'] extends 'boolean' ? boolean : string) | undefined
}

function parsed(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true })
  } catch (cause) {
    const [first = ''] = (cause as Error).message.split(/\.? To specify|\n/)
    throw new Refusal(`${first.replace(/\.$/, '')}; --help shows what there is`)
  }
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Refusal(`--${name}: a whole number from ${least} to ${most}, and not "${text}"`)
  return value
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
