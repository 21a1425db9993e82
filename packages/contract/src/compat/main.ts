// What the program tenon-contract does with its arguments.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { AnyContract } from '../contract.ts'
import { type CompatOptions, compat } from './compat.ts'
import { printCompat } from './print.ts'
import { isSnapshot, type Snapshot, snapshot } from './snapshot.ts'

const help = `Usage:
  tenon-contract snapshot MODULE            writes the snapshot of all contracts that a module exports
  tenon-contract compat OLD NEXT            tells what breaks between two of them: snapshots (.json) or modules

Options of compat:
  --deploy ORDER    servers-first (default): old clients meet new servers; clients-first; any-order
  --json            the result as JSON

Exits with 0 when nothing breaks, 1 when something does, 2 when it cannot tell.
`

interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Runs the program; the number is its exit code. */
export async function main(args: readonly string[], { stdout, stderr }: Streams): Promise<0 | 1 | 2> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { deploy: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    const [command, ...files] = positionals
    if (values.help) stdout.write(help)
    else if (command === 'snapshot' && files.length === 1)
      stdout.write(`${JSON.stringify(await read(files[0] as string), null, 2)}\n`)
    else if (command === 'compat' && files.length === 2) {
      const [old, next] = await Promise.all(files.map(read))
      const result = compat(old as Snapshot, next as Snapshot, deployOf(values.deploy))
      stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : printCompat(result))
      return result.compatible ? 0 : 1
    } else {
      stderr.write(help)
      return 2
    }
    return 0
  } catch (cause) {
    stderr.write(`tenon-contract: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 2
  }
}

const deployOf = (order: string | undefined): CompatOptions =>
  order === undefined ? {} : { deploy: order.replace('-', ' ') as never }

async function read(file: string): Promise<Snapshot> {
  if (file.endsWith('.json')) {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (!isSnapshot(found)) throw new Error(`${file} is no snapshot of contracts`)
    return found
  }
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(file)).href)
  const contracts = [...new Set(Object.values(exported))].filter(isContract)
  if (contracts.length === 0) throw new Error(`${file} exports no contract`)
  return snapshot(contracts.sort((one, other) => (one.name < other.name ? -1 : 1)))
}

function isContract(value: unknown): value is AnyContract {
  const { name, methods } = (value ?? {}) as Partial<AnyContract>
  const placed = typeof methods === 'object' && methods !== null ? Object.values(methods) : []
  return typeof name === 'string' && placed.length > 0 && placed.every((method) => method?.contract === name)
}
