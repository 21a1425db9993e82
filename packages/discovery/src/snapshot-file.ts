// The last good set in a file: written as a whole or not at all, and believed only when it is whole, ours and young.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DiscoverySnapshot } from '@tenon/endpoint'
import { completeSet, type Instance, type InstanceFields } from './instance.ts'

/** Goes up when files become others. */
const version = 1
const format = 'tenon.discovery.snapshot'

/** A set of 100,000 instances is some 30 MB; what is larger was not written by us. */
const longest = 64 * 1024 * 1024

/** Nobody writes for so many milliseconds. */
const longGone = 3_600_000

/** What is in the file. */
interface Written {
  readonly format: typeof format
  readonly version: typeof version
  readonly service: string
  /** When the registry last confirmed it: milliseconds since 1970. */
  readonly confirmed: number
  readonly instances: readonly InstanceFields[]
}

/** What was read. */
export type Read =
  | { readonly instances: readonly Instance[]; readonly age: number }
  | { readonly why: NonNullable<DiscoverySnapshot['why']>; readonly error?: unknown; readonly age?: number }

/**
 * Writes the file: beside it, to the disk, then in its place. Only the owner can read it, since metadata may hold what is
 * not for all. Rejects when that cannot be done; what stood there before then stands.
 */
export async function writeSnapshot(
  file: string,
  service: string,
  instances: readonly Instance[],
  now: number,
): Promise<void> {
  const written: Written = { format, version, service, confirmed: now, instances }
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A name that nobody knows, and `wx`: nobody can have put a link there.
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await open(beside, 'wx', 0o600)
  try {
    try {
      await handle.writeFile(`${JSON.stringify(written)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await unlink(beside).catch(() => {})
    throw error
  }
  // The name is on the disk only when its folder is. Some systems cannot do that, and the file is there all the same.
  const entry = await open(folder, constants.O_RDONLY).catch(() => undefined)
  await entry?.sync().catch(() => {})
  await entry?.close()
}

/** Removes what processes that were killed have left beside the file. Never rejects. */
export async function sweepSnapshot(file: string, now: number): Promise<void> {
  const folder = dirname(file)
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(`${basename(file)}.`) || !/\.[0-9a-f]{12}\.tmp$/.test(name)) continue
    const beside = join(folder, name)
    const written = await stat(beside).catch(() => undefined)
    // Another process may be about to write.
    if (written !== undefined && now - written.mtimeMs > longGone) await unlink(beside).catch(() => {})
  }
}

/** Reads the file. Never rejects; `refuse` hears of entries that are none. */
export async function readSnapshot(
  file: string,
  service: string,
  maxAge: number,
  now: number,
  refuse: (error: unknown) => void,
): Promise<Read> {
  let handle: FileHandle | undefined
  try {
    // Without waiting: what stands there might be a pipe.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = await handle.stat()
    if (!found.isFile()) return { why: 'unreadable', error: new Error(`${file} is no file`) }
    const me = process.getuid?.()
    if (me !== undefined && ((found.uid !== me && found.uid !== 0) || (found.mode & 0o002) !== 0))
      return { why: 'untrusted', error: new Error(`others own ${file}, or may write to it`) }
    if (found.size > longest) return { why: 'corrupt', error: new Error(`${file} has ${found.size} bytes`) }
    return judge(await handle.readFile('utf8'), file, service, maxAge, now, refuse)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { why: 'missing' } : { why: 'unreadable', error }
  } finally {
    await handle?.close().catch(() => {})
  }
}

function judge(
  text: string,
  file: string,
  service: string,
  maxAge: number,
  now: number,
  refuse: (error: unknown) => void,
): Read {
  let found: Partial<Record<keyof Written, unknown>> | null
  try {
    found = JSON.parse(text)
  } catch (error) {
    return { why: 'corrupt', error }
  }
  const corrupt = { why: 'corrupt', error: new Error(`${file} is no snapshot`) } as const
  if (typeof found !== 'object' || found === null || found.format !== format) return corrupt
  if (found.version !== version || found.service !== service)
    return {
      why: 'foreign',
      error: new Error(`${file} is version ${found.version} of ${found.service}, and not ${version} of ${service}`),
    }
  const { confirmed, instances } = found
  if (typeof confirmed !== 'number' || !Number.isFinite(confirmed) || !Array.isArray(instances)) return corrupt
  // A clock that was put back makes it younger than it is, and not older.
  const age = Math.max(0, now - confirmed)
  if (age > maxAge) return { why: 'old', age }
  const set = completeSet(instances, refuse)
  return set.length === 0 ? corrupt : { instances: set, age }
}
