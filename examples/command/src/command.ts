// What the mains of the examples share: a command line that explains itself, and mistakes that are told in one line.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Mistake, type Option, Unable } from './option.ts'

export { type Child, runs, type Starting, startChild } from './child.ts'
export { type Address, address, flag, Mistake, type Option, port, Unable, written } from './option.ts'

/** What a program takes beside its options, and how its help ends. */
export interface Words {
  /** Words without a dash, as they stand in the usage: `sum|concat A B`. Default: none are taken. */
  readonly words?: string
  /** Default: that Ctrl-C stops it. */
  readonly note?: string
}

/**
 * Reads the command line and runs `main` with it; prints the usage for `--help`. Exit codes: 2 for a mistake on the
 * command line, 1 where `main` rejects, or what it answers. `about` is one sentence.
 */
export async function command<Values extends object>(
  about: string,
  options: { readonly [K in keyof Values]: Option<Values[K]> },
  // biome-ignore lint/suspicious/noConfusingVoidType: a main that is a server ends when nothing is left to do
  main: (values: Values, words: readonly string[]) => Promise<number | void>,
  more: Words = {},
): Promise<void> {
  try {
    const [values, words] = read(options, more.words !== undefined)
    if (values === undefined) process.stdout.write(usage(about, options, more))
    else {
      const code = await main(values, words)
      if (code !== undefined) process.exit(code)
    }
  } catch (cause) {
    process.stderr.write(`${told(cause, 'port' in options)}\n`)
    // At once: a client of NATS that gave up a server which never said a word keeps its socket, and with it the process.
    process.exit(cause instanceof Mistake ? 2 : 1)
  }
}

/** The options' values, `undefined` where help was asked for; and the words beside them. */
function read<Values extends object>(
  options: { readonly [K in keyof Values]: Option<Values[K]> },
  takesWords: boolean,
): [values: Values | undefined, words: readonly string[]] {
  const entries = Object.entries<Option<unknown>>(options)
  const { values, positionals } = parsed(entries, takesWords)
  const { help, ...typed } = values as Readonly<Record<string, unknown>>
  if (help === true) return [undefined, []]
  const all = entries.map(([name, option]) => [name, taken(name, option, typed[name])])
  return [Object.fromEntries(all) as Values, positionals]
}

function taken(name: string, { usual, read }: Option<unknown>, typed: unknown): unknown {
  try {
    return read(String(typed ?? usual))
  } catch (cause) {
    if (!(cause instanceof Mistake) || cause.message.startsWith('--')) throw cause
    throw new Mistake(`--${name}: ${cause.message}`)
  }
}

// Node takes every word with a dash for an option; but nobody's option is called by a digit. No argument has this in it.
const belowZero = '\0'

function parsed(entries: readonly (readonly [string, Option<unknown>])[], takesWords: boolean) {
  const kinds = entries.map(([name, { alone }]) => [name, { type: alone ? 'boolean' : 'string' } as const] as const)
  const args = process.argv.slice(2).map((arg) => (takesWords && /^-\d/.test(arg) ? belowZero + arg : arg))
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: takesWords,
      options: { ...Object.fromEntries(kinds), help: { type: 'boolean', short: 'h' } },
    })
    return { values, positionals: positionals.map((word) => word.replace(belowZero, '')) }
  } catch (cause) {
    // Node's text goes on with advice for those who parse; its first sentence is for those who type.
    throw new Mistake(`${(cause as Error).message.split(/\.\s|\n/)[0]}; --help lists what there is`)
  }
}

function usage(about: string, options: object, { words = '', note }: Words): string {
  const entries = Object.entries<Option<unknown>>(options as Readonly<Record<string, Option<unknown>>>)
  const given = entries.map(([name, { usual, takes = usual, alone }]) => (alone ? `--${name}` : `--${name} ${takes}`))
  const width = Math.max('--help'.length, ...given.map((each) => each.length))
  return `${about}

usage: ${invocation(relative('.', process.argv[1] ?? ''))} [options]${words && ` ${words}`}

${entries.map(([, { is }], at) => `  ${(given[at] ?? '').padEnd(width)}  ${is}`).join('\n')}
  --help

${note ?? 'Ctrl-C stops it: calls in flight finish first.'}
`
}

/** How a person starts this program: by the example's name, which brings the right Node, where it is one. */
function invocation(path: string): string {
  const [, folder, file] = /^examples\/([^/]+)\/dist\/([^/]+)\.js$/.exec(path) ?? []
  if (folder === undefined || file === undefined) return `node ${path}`
  return `npm run example -- ${file === 'main' ? folder : /^step/.test(file) ? `${folder}/${file}` : file}`
}

function told(cause: unknown, hasPort: boolean): string {
  if (cause instanceof Mistake || cause instanceof Unable) return cause.message
  if (!(cause instanceof Error)) return String(cause)
  const { code } = (cause.cause ?? cause) as { readonly code?: unknown }
  if (code !== 'EADDRINUSE') return String(cause.stack)
  const another = hasPort
    ? '--port takes another one, --port 0 any that is free'
    : '--help says how to take another one'
  return `${cause.message}; ${another}`
}
