// Which Node the task runs on: the one at hand if our tools accept it, else the pinned one.
import { dirname } from 'node:path'
import { SetupError } from './say.mjs'
import { tool } from './tool.mjs'

/** The same range as `engines` in every package.json: vitest 5, undici 8 and changesets 3 ask for it. */
export const supported = '^22.19 || ^24 || >=26'

/** @param {string} version such as `v24.21.0` */
export function accepts(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return (major === 22 && minor >= 19) || major === 24 || major >= 26
}

/**
 * The folder that holds a Node our tools accept.
 *
 * @param {string} platform
 * @param {string} [version]
 */
export async function findNode(platform, version = process.version) {
  if (accepts(version)) return dirname(process.execPath)
  const node = await tool(`node-${platform}`, 'bin/node')
  if (node) return dirname(node)
  throw new SetupError(
    `Node ${version} is none of ${supported}, and no download is pinned for ${platform}.\n` +
      'Install Node 24 with your system or version manager, then run the same command again.',
  )
}
