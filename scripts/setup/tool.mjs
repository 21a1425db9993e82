// Pinned tools: one file of a registry package, its checksum verified, unpacked under `.cache`.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnv, run } from './child.mjs'
import { SetupError, say, seconds } from './say.mjs'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** @typedef {{ readonly version: string, readonly integrity: string }} Pin */
/** @typedef {(spec: string, folder: string) => Promise<unknown>} Pack puts the package's .tgz into the folder */

/** @returns {Record<string, Pin>} */
const readPins = () => JSON.parse(readFileSync(new URL('toolchain.json', import.meta.url), 'utf8'))

/** `linux-x64` and the like. The pinned binaries need glibc's loader, so a Linux without it gets a name nothing is pinned for. */
export function platform() {
  const name = `${process.platform}-${process.arch}`
  const loader = { 'linux-x64': '/lib64/ld-linux-x86-64.so.2', 'linux-arm64': '/lib/ld-linux-aarch64.so.1' }[name]
  return loader === undefined || existsSync(loader) ? name : `${name}-without-glibc`
}

/** Through the user's own npm, so that their registry, proxy, certificates and cache hold. @type {Pack} */
function npmPack(spec, folder) {
  const cli = process.env.npm_execpath ?? ''
  const [command, first] = cli.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []]
  const options = ['--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--loglevel=error']
  return run(`fetching ${spec}`, command, [...first, 'pack', spec, ...options], { cwd: folder, env: cleanEnv([]) })
}

/**
 * The path of one file of a pinned package, fetched when it is not there yet; null when nothing is pinned under the name.
 * Call it under the set-up lock.
 *
 * @param {string} name of the package
 * @param {string} file inside the package
 * @param {{ pins?: Record<string, Pin>, cache?: string, pack?: Pack, tell?: typeof say }} [options]
 */
export async function tool(
  name,
  file,
  { pins = readPins(), cache = join(root, '.cache'), pack = npmPack, tell = say } = {},
) {
  const pin = pins[name]
  if (!pin) return null
  const folder = join(cache, `${name.replace('/', '+')}-${pin.version}`)
  const path = join(folder, file)
  if (existsSync(path)) return path

  const start = performance.now()
  tell(`fetching ${name} ${pin.version}`)
  const draft = emptyDraft(cache)
  await pack(`${name}@${pin.version}`, draft)
  const archive = verified(draft, name, pin)
  const args = ['-xzf', archive, '--strip-components=1', `package/${file}`, 'package/LICENSE']
  await run(`unpacking ${name}`, 'tar', args, { cwd: draft })
  rmSync(join(draft, archive))
  rmSync(folder, { recursive: true, force: true })
  renameSync(draft, folder) // atomic: a half-fetched folder is never seen
  tell(`${name} ${pin.version} ready in ${seconds(start)}`)
  return path
}

/** A new draft folder; those of killed runs go (we hold the lock, so nobody is using them). @param {string} cache */
function emptyDraft(cache) {
  mkdirSync(cache, { recursive: true })
  for (const entry of readdirSync(cache)) {
    if (entry.startsWith('tmp-')) rmSync(join(cache, entry), { recursive: true, force: true })
  }
  return mkdtempSync(join(cache, 'tmp-'))
}

/**
 * The archive's file name, if its bytes are the pinned ones.
 *
 * @param {string} folder
 * @param {string} name
 * @param {Pin} pin
 */
function verified(folder, name, pin) {
  const archive = readdirSync(folder).find((entry) => entry.endsWith('.tgz'))
  if (!archive) throw new SetupError(`${name}@${pin.version}: npm fetched no archive`)
  const digest = createHash('sha512')
    .update(readFileSync(join(folder, archive)))
    .digest('base64')
  if (`sha512-${digest}` === pin.integrity) return archive
  rmSync(folder, { recursive: true, force: true })
  throw new SetupError(
    `${name}@${pin.version}: integrity mismatch, nothing was unpacked\n  want ${pin.integrity}\n  got  sha512-${digest}`,
  )
}
