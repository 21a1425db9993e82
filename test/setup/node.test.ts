import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { accepts, findNode, supported } from '../../scripts/setup/node.mjs'

test.each(['v22.19.0', 'v22.22.3', 'v24.0.0', 'v24.21.0', 'v26.0.0', 'v27.1.0'])(
  'given Node %s, when a task starts, then it runs on that Node',
  (version) => expect(accepts(version)).toBe(true),
)

test.each(['v18.20.0', 'v20.20.2', 'v21.7.0', 'v22.18.0', 'v23.11.0', 'v25.3.0'])(
  'given Node %s, when a task starts, then another Node is needed',
  (version) => expect(accepts(version)).toBe(false),
)

test('given the range that set-up accepts, when package.json states engines, then it states the same', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(manifest.engines.node).toBe(supported)
})

test('given a Node that our tools accept, when a platform has no pinned download, then none is needed', async () => {
  await expect(findNode('plan9-mips')).resolves.toBeTypeOf('string')
})

test('given an old Node, when a platform has no pinned download, then the message says what to install', async () => {
  await expect(findNode('darwin-arm64', 'v20.20.2')).rejects.toThrow(
    /^Node v20\.20\.2 is none of .*, and no download is pinned for darwin-arm64\.\nInstall Node 24/,
  )
})
