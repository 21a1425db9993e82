// Which pnpm installs the workspace: the pinned binary, else one of the same major on PATH.
import { spawnSync } from 'node:child_process'
import { SetupError } from './say.mjs'
import { tool } from './tool.mjs'

const major = '12'

/**
 * The pinned pnpm's path, or `pnpm` when the one on PATH is used.
 *
 * @param {string} platform
 */
export async function findPnpm(platform) {
  const pinned = await tool(`@pnpm/exe.${platform}`, 'pnpm')
  if (pinned) return pinned
  const found = spawnSync('pnpm', ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  if (found.startsWith(`${major}.`)) return 'pnpm'
  throw new SetupError(
    `no pnpm is pinned for ${platform}, and pnpm on PATH is ${found || 'missing'}: this project needs pnpm ${major}.\n` +
      `Run "npm install -g pnpm@${major}", then the same command again.`,
  )
}
