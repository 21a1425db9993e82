// Folders for what a check writes: one for each process, so that two checks at once do not meet; gone when it ends.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.ts'

const cache = join(root, '.cache')
const own = join(cache, `check-${process.pid}`)

/** An empty folder under `.cache`. */
export function scratch(name: string): string {
  const folder = join(own, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export const removeScratch = (): void => remove(own)

/** Removes what we wrote when we end, and what killed runs have left. */
export function tidy(): void {
  process.on('exit', removeScratch)
  for (const entry of readdirSync(cache)) {
    const pid = /^check-(\d+)$/.exec(entry)?.[1]
    if (pid && !alive(Number(pid))) remove(join(cache, entry))
  }
}
