// The real servers and tools that tests and `npm start` run against: those on PATH, else Debian's, unpacked under `.cache`. What
// cannot be had is said, and stops nothing: the tests that need it skip with the same word, and fail in CI.
import { accessSync, constants, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, delimiter, join, relative } from 'node:path'
import { mirror, unpack } from './debian.mjs'
import { say, seconds } from './say.mjs'
import { root } from './tool.mjs'

/** @typedef {{ readonly package: string, readonly file: string, readonly suite?: string }} Program `suite`: default the machine's own */

/** @type {Readonly<Record<string, Program>>} */
export const programs = {
  'nats-server': { package: 'nats-server', file: 'usr/sbin/nats-server' },
  etcd: { package: 'etcd-server', file: 'usr/bin/etcd' },
  // Debian left it out after bullseye. That one runs on what came later: it asks for no library but libc.
  consul: { package: 'consul', file: 'usr/bin/consul', suite: 'bullseye' },
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
    if (source === null) tell(`${namesOf(missing)}: not on PATH, and only Debian's packages are fetched; ${without}`)
    else {
      const suites = new Set(missing.map(([, { suite }]) => suite ?? source.suite))
      await Promise.all(
        [...suites].map((suite) => {
          const ofSuite = missing.filter(([, program]) => (program.suite ?? source.suite) === suite)
          return fetchAll(ofSuite, { into, bin, source: { ...source, suite }, without, unpackAll, tell })
        }),
      )
    }
  }
  return existsSync(bin) ? [bin] : []
}

/** @typedef {readonly (readonly [string, Program])[]} Missing */

/** @param {Missing} missing */
const namesOf = (missing) => missing.map(([name]) => name).join(', ')

/**
 * Brings those of one suite, as many as can be had.
 *
 * @param {Missing} missing
 * @param {{ into: string, bin: string, source: import('./debian.mjs').Source, without: string, unpackAll: typeof unpack, tell: typeof say }} options
 */
async function fetchAll(missing, { into, bin, source, without, unpackAll, tell }) {
  const start = performance.now()
  /**
   * @param {Missing} those
   * @param {unknown} error
   */
  const cannot = (those, error) =>
    tell(`${namesOf(those)}: ${error instanceof Error ? error.message : error}\n${without}`)
  tell(`fetching ${namesOf(missing)}`)
  try {
    const failed = await unpackAll(packagesOf(missing), { into, source })
    for (const [name, error] of failed)
      cannot(
        missing.filter(([, program]) => program.package === name),
        error,
      )
    const there = missing.filter(([, program]) => !failed.has(program.package))
    mkdirSync(bin, { recursive: true })
    for (const [name, { package: of, file }] of there) link(join(into, of, file), join(bin, name))
    if (there.length > 0) tell(`${namesOf(there)} ready in ${seconds(start)}`)
  } catch (error) {
    cannot(missing, error)
  }
}

/** @param {Missing} missing */
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
