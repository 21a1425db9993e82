// What the program tenon-contract does with its arguments.
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type CompatOptions, compat } from '../compat/compat.ts'
import { printCompat } from '../compat/print.ts'
import { snapshot } from '../compat/snapshot.ts'
import { openapi } from '../openapi/openapi.ts'
import type { OpenApiOptions } from '../openapi/options.ts'
import { readContracts, readSnapshot } from './read.ts'

const help = `Usage:
  tenon-contract snapshot MODULE            writes the snapshot of all contracts that a module exports
  tenon-contract compat OLD NEXT            tells what breaks between two of them: snapshots (.json) or modules
  tenon-contract openapi MODULE...          writes the OpenAPI 3.1 document of all contracts that modules export

Options of compat:
  --deploy ORDER    servers-first (default): old clients meet new servers; clients-first; any-order
  --json            the result as JSON

Options of openapi:
  --title TEXT      of the document; default: the names of the contracts
  --version TEXT    of what is described; default: 0.0.0
  --server URL      where it is served, several times for several; default: /, where the document comes from
  --out FILE        writes it there and not to standard output
  --strict          what cannot be described is an error and not a warning

Exits with 0 when nothing breaks, 1 when something does, 2 when it cannot tell.
`

const options = {
  deploy: { type: 'string' },
  json: { type: 'boolean' },
  title: { type: 'string' },
  version: { type: 'string' },
  server: { type: 'string', multiple: true },
  out: { type: 'string' },
  strict: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Which options each command takes. */
const taken: Readonly<Record<string, readonly string[]>> = {
  snapshot: [],
  compat: ['deploy', 'json'],
  openapi: ['title', 'version', 'server', 'out', 'strict'],
}

interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Runs the program; the number is its exit code. */
export async function main(args: readonly string[], streams: Streams): Promise<0 | 1 | 2> {
  const { stdout, stderr } = streams
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
    const { help: asked, ...given } = values
    const [command = '', ...files] = positionals
    if (asked) {
      stdout.write(help)
      return 0
    }
    for (const name of Object.keys(given))
      if (taken[command] !== undefined && !taken[command].includes(name))
        throw new Error(`${command} takes no --${name}; --help tells what it takes`)
    if (command === 'snapshot' && files.length === 1)
      stdout.write(`${JSON.stringify(snapshot(await readContracts(files)), null, 2)}\n`)
    else if (command === 'compat' && files.length === 2) {
      const [old, next] = await Promise.all([readSnapshot(files[0] as string), readSnapshot(files[1] as string)])
      const result = compat(old, next, deployOf(given.deploy))
      stdout.write(given.json ? `${JSON.stringify(result, null, 2)}\n` : printCompat(result))
      return result.compatible ? 0 : 1
    } else if (command === 'openapi' && files.length > 0) await describe(files, given, streams)
    else {
      const asks = { snapshot: 'one module', compat: 'two files, OLD and NEXT,', openapi: 'modules' }[command]
      const said =
        asks === undefined ? `there is no command "${command}"` : `${command} takes ${asks} and got ${files.length}`
      stderr.write(`${command === '' ? '' : `tenon-contract: ${said}\n\n`}${help}`)
      return 2
    }
    return 0
  } catch (cause) {
    stderr.write(`tenon-contract: ${told(cause)}\n`)
    return 2
  }
}

function told(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // Node's text goes on with advice for those who parse; its first sentence is for those who type.
  if ((cause as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS'))
    return `${cause.message.split('. ')[0]}; --help lists what there is`
  if ((cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `${cause.message}; name the JavaScript that it is compiled to`
  return cause.message
}

const deployOf = (order: string | undefined): CompatOptions =>
  order === undefined ? {} : { deploy: order.replace('-', ' ') as never }

interface Described {
  readonly title?: string | undefined
  readonly version?: string | undefined
  readonly server?: readonly string[] | undefined
  readonly out?: string | undefined
  readonly strict?: boolean | undefined
}

async function describe(files: readonly string[], given: Described, { stdout, stderr }: Streams): Promise<void> {
  const { title, version, server, out, strict } = given
  const said: OpenApiOptions = {
    info: { ...(title !== undefined && { title }), ...(version !== undefined && { version }) },
    ...(server !== undefined && { servers: server }),
    ...(strict && { undescribed: 'refuse' }),
  }
  const { document, warnings } = openapi(await readContracts(files), said)
  for (const warning of warnings) stderr.write(`warning: ${warning}\n`)
  const text = `${JSON.stringify(document, null, 2)}\n`
  if (out === undefined) stdout.write(text)
  else await writeFile(out, text)
}
