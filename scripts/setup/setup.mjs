// Set-up: from a bare Node and npm to an installed, built workspace. Every step costs next to nothing when it is done.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cleanEnv, run, start } from './child.mjs'
import { findPeer } from './go.mjs'
import { lock } from './lock.mjs'
import { findNode } from './node.mjs'
import { findPnpm } from './pnpm.mjs'
import { SetupError, say, seconds } from './say.mjs'
import { findServers, programs } from './servers.mjs'
import { platform, root } from './tool.mjs'

/** @typedef {{ readonly names: readonly string[], readonly without: string }} Servers some of them, and what is said where they cannot be had */

/**
 * Brings Node and pnpm, installs and builds as far as asked, and answers the environment to run a task in.
 *
 * @param {{ install: boolean, build: boolean, servers: boolean | Servers, peer: boolean }} want
 */
export async function setup({ install, build, servers, peer }) {
  const release = await lock(root, () => say('another run is setting up this checkout; waiting for it'))
  try {
    const node = await findNode(platform())
    const pnpm = await findPnpm(platform())
    // pnpm's folder too: publint and changesets call it.
    const found = await findServers(typeof servers === 'boolean' ? { fetch: servers } : fetched(servers))
    const folders = [node, join(root, 'node_modules', '.bin'), ...(pnpm === 'pnpm' ? [] : [dirname(pnpm)]), ...found]
    const env = cleanEnv(folders)
    if (install) await installPackages(pnpm, env)
    if (build) await buildWorkspace(env)
    return { ...env, TENON_TEST_GO: await findPeer({ build: peer }) }
  } finally {
    release()
  }
}

/** @param {Servers} servers */
const fetched = ({ names, without }) => ({
  without,
  wanted: Object.fromEntries(Object.entries(programs).filter(([name]) => names.includes(name))),
})

const lockfileHint =
  'A package.json has changed: "npm run pnpm -- install --no-frozen-lockfile" brings the lockfile up to date.'

/**
 * Runs every time: with nothing to do it takes 0.04 s and no network, so no stamp of our own can go stale.
 *
 * @param {string} pnpm
 * @param {NodeJS.ProcessEnv} env
 */
async function installPackages(pnpm, env) {
  const start = performance.now()
  if (!existsSync(join(root, 'node_modules'))) say('installing packages')
  // The lockfile's release ages were checked when it was written; checking them again costs every cold run 5 to 10 s.
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--config.minimumReleaseAge=0']
  await run('pnpm install', pnpm, args, { cwd: root, env: { ...env, CI: 'true' } }).catch((error) => {
    if (/OUTDATED_LOCKFILE|NO_IMPORTER/.test(error.message)) error.message += `\n${lockfileHint}`
    throw error
  })
  if (performance.now() - start > 1000) say(`packages installed in ${seconds(start)}`)
}

/** @param {NodeJS.ProcessEnv} env */
async function buildWorkspace(env) {
  const { code, signal } = await start(join(root, 'node_modules', '.bin', 'tsc'), ['-b'], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  if (code !== 0) throw new SetupError('the build failed: the errors are above', signal)
}
