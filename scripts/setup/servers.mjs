// The real servers and tools that tests and `npm start` run against: those on PATH, else Debian's, unpacked under `.cache`. What
// cannot be had is said, and stops nothing: the tests that need it skip with the same word, and fail in CI.
import { accessSync, constants, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, delimiter, join, relative } from 'node:path'
import { mirror, unpack } from './debian.mjs'
import { say, seconds } from './say.mjs'
import { root } from './tool.mjs'

/** @typedef {{ readonly package: string, readonly file: string }} Program */

/** @type {Readonly<Record<string, Program>>} */
export const programs = {
  'nats-server': { package: 'nats-server', file: 'usr/sbin/nats-server' },
  promtool: { package: 'prometheus', file: 'usr/bin/promtool' },
}

/** @param {string} name */
const onPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })

/**
 * The folders to have on PATH, so that the programs are found; without `fetch` those only that are there. Call it under the set-up lock.
 *
 * @param {{ fetch?: boolean, wanted?: Readonly<Record<string, Program>>, without?: string, cache?: string, source?: import('./debian.mjs').Source | null, unpackAll?: typeof unpack, tell?: typeof say }} [options]
 * @returns {Promise<readonly string[]>}
 */
export async function findServers({
  fetch = true,
  wanted = programs,
  without = 'tests that need them are skipped',
  cache = join(root, '.cache'),
  source = mirror() ?? null,
  unpackAll = unpack,
  tell = say,
} = {}) {
  const into = join(cache, 'debian')
  const bin = join(into, 'bin')
  const missing = Object.entries(wanted).filter(([name]) => !onPath(name) && !existsSync(join(bin, name)))
  if (fetch && missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ')
    if (source === null) tell(`${names}: not on PATH, and only Debian's packages are fetched; ${without}`)
    else {
      const start = performance.now()
      tell(`fetching ${names}`)
      try {
        await unpackAll(packagesOf(missing), { into, source })
        mkdirSync(bin, { recursive: true })
        for (const [name, { package: of, file }] of missing) link(join(into, of, file), join(bin, name))
        tell(`${names} ready in ${seconds(start)}`)
      } catch (error) {
        tell(`${names}: ${error instanceof Error ? error.message : error}\n${without}`)
      }
    }
  }
  return existsSync(bin) ? [bin] : []
}

/** @param {readonly (readonly [string, Program])[]} missing */
function packagesOf(missing) {
  const names = [...new Set(missing.map(([, program]) => program.package))]
  return names.map((name) => ({
    name,
    files: missing.filter(([, program]) => program.package === name).map(([, { file }]) => file),
  }))
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  rmSync(path, { force: true })
  symlinkSync(join(relative(join(path, '..'), join(target, '..')), basename(target)), path)
}
