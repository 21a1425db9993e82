import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findPnpm } from '../../scripts/setup/pnpm.mjs'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pnpm-'))
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const pnpmOnPath = (version: string): void => {
  writeFileSync(join(folder, 'pnpm'), `#!/bin/sh\necho ${version}\n`)
  chmodSync(join(folder, 'pnpm'), 0o755)
}

test('given no pin for the platform, when pnpm of the right major is on PATH, then that one is used', async () => {
  pnpmOnPath('12.3.4')
  expect(await findPnpm('darwin-arm64')).toBe('pnpm')
})

test('given no pin for the platform, when pnpm on PATH is another major, then the message says which one to install', async () => {
  pnpmOnPath('9.0.0')
  await expect(findPnpm('darwin-arm64')).rejects.toThrow(
    /no pnpm is pinned for darwin-arm64, and pnpm on PATH is 9\.0\.0: .* needs pnpm 12\.\nRun "npm install -g pnpm@12"/,
  )
})

test('given no pin for the platform, when there is no pnpm, then the message says so', async () => {
  vi.stubEnv('PATH', folder)
  await expect(findPnpm('linux-x64-without-glibc')).rejects.toThrow('pnpm on PATH is missing')
})
