// What the mains of the examples share: a command line that explains itself, and mistakes that are told in one line.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'

/** One option of a command line. */
export interface Option<A> {
  /** What is taken where it is not given. */
  readonly usual: string
  /** What stands in the usage for its value. Default: what is usual. */
  readonly takes?: string
  readonly is: string
  /** Its value, of what was typed. Throws a {@link Mistake} for what is none. */
  readonly read: (text: string) => A
}

/** A mistake of whoever typed the command: one line for a person. */
export class Mistake extends Error {}

/** `--port`: where a server listens. */
export const port = (usual: number): Option<number> => ({
  usual: String(usual),
  is: 'the port it listens on; 0 takes a free one',
  read(text) {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value <= 65_535)) throw new Mistake(`--port takes a number from 0 to 65535, and not "${text}"`)
    return value
  },
})

/**
 * Reads the command line and runs `main` with it; prints the usage for `--help`. Exit codes: 2 for a mistake on the
 * command line, 1 where `main` rejects. `about` is one sentence.
 */
export async function command<Values extends object>(
  about: string,
  options: { readonly [K in keyof Values]: Option<Values[K]> },
  main: (values: Values) => Promise<void>,
): Promise<void> {
  try {
    const values = valuesOf(options)
    if (values === undefined) process.stdout.write(usage(about, options))
    else await main(values)
  } catch (cause) {
    process.stderr.write(`${told(cause)}\n`)
    process.exitCode = cause instanceof Mistake ? 2 : 1
  }
}

/** The options' values, `undefined` where help was asked for. */
function valuesOf<Values extends object>(
  options: { readonly [K in keyof Values]: Option<Values[K]> },
): Values | undefined {
  const entries = Object.entries<Option<unknown>>(options)
  const { help, ...typed } = parsed(entries.map(([name]) => name))
  if (help === true) return undefined
  return Object.fromEntries(
    entries.map(([name, { usual, read }]) => [name, read(String(typed[name] ?? usual))]),
  ) as Values
}

function parsed(names: readonly string[]): Readonly<Record<string, unknown>> {
  const strings = names.map((name) => [name, { type: 'string' as const }])
  try {
    return parseArgs({ options: { ...Object.fromEntries(strings), help: { type: 'boolean', short: 'h' } } }).values
  } catch (cause) {
    // Node's text goes on with advice for those who parse; its first sentence is for those who type.
    throw new Mistake(`${(cause as Error).message.split(/\.\s|\n/)[0]}; --help lists what there is`)
  }
}

function usage(about: string, options: object): string {
  const entries = Object.entries<Option<unknown>>(options as Readonly<Record<string, Option<unknown>>>)
  const given = entries.map(([name, { usual, takes = usual }]) => `--${name} ${takes}`)
  const width = Math.max('--help'.length, ...given.map((each) => each.length))
  return `${about}

usage: ${invocation(relative('.', process.argv[1] ?? ''))} [options]

${entries.map(([, { is }], at) => `  ${(given[at] ?? '').padEnd(width)}  ${is}`).join('\n')}
  --help

Ctrl-C stops it: calls in flight finish first.
`
}

/** How a person starts this program: by the example's name, which brings the right Node, where it is one. */
function invocation(path: string): string {
  const [, folder, file] = /^examples\/([^/]+)\/dist\/([^/]+)\.js$/.exec(path) ?? []
  if (folder === undefined) return `node ${path}`
  return `npm run example -- ${file === 'main' ? folder : `${folder}/${file}`}`
}

function told(cause: unknown): string {
  if (cause instanceof Mistake) return cause.message
  if (!(cause instanceof Error)) return String(cause)
  const { code } = (cause.cause ?? cause) as { readonly code?: unknown }
  return code === 'EADDRINUSE'
    ? `${cause.message}; --port takes another one, --port 0 any that is free`
    : String(cause.stack)
}
