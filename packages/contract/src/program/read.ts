// Reads contracts and snapshots from files.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isSnapshot, type Snapshot, snapshot } from '../compat/snapshot.ts'
import type { AnyContract } from '../contract.ts'

/** A snapshot: that of a `.json` file, or of the contracts that a module exports. */
export async function readSnapshot(file: string): Promise<Snapshot> {
  if (!file.endsWith('.json')) return snapshot(await readContracts([file]))
  const found: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (!isSnapshot(found)) throw new Error(`${file} is no snapshot of contracts`)
  return found
}

/** The contracts that modules export, each once, by name. */
export async function readContracts(files: readonly string[]): Promise<readonly AnyContract[]> {
  const found = new Set<AnyContract>()
  for (const file of files) {
    const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(file)).href)
    const contracts = Object.values(exported).filter(isContract)
    if (contracts.length === 0) throw new Error(`${file} exports no contract`)
    for (const contract of contracts) found.add(contract)
  }
  return [...found].sort((one, other) => (one.name < other.name ? -1 : 1))
}

function isContract(value: unknown): value is AnyContract {
  const { name, methods } = (value ?? {}) as Partial<AnyContract>
  const placed = typeof methods === 'object' && methods !== null ? Object.values(methods) : []
  return typeof name === 'string' && placed.length > 0 && placed.every((method) => method?.contract === name)
}
