import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tool } from '../../scripts/setup/tool.mjs'

let folder = ''
let cache = ''
let integrity = ''
let fetched = 0

/** Stands for npm: puts the archive of a package with one file, `bin/tool`, into the folder. */
const pack = async (_spec: string, into: string): Promise<void> => {
  fetched += 1
  execFileSync('tar', ['-czf', join(into, 'tool-1.0.0.tgz'), '-C', folder, 'package'])
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tool-'))
  cache = join(folder, 'cache')
  fetched = 0
  mkdirSync(join(folder, 'package/bin'), { recursive: true })
  writeFileSync(join(folder, 'package/bin/tool'), 'a tool')
  writeFileSync(join(folder, 'package/LICENSE'), 'a licence')
  // gzip writes no time when tar pipes into it, so packing twice gives the same bytes.
  await pack('', folder)
  integrity = `sha512-${createHash('sha512')
    .update(readFileSync(join(folder, 'tool-1.0.0.tgz')))
    .digest('base64')}`
  fetched = 0
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fetchTool = (pin = integrity, fetch = pack) =>
  tool('@a/tool', 'bin/tool', {
    pins: { '@a/tool': { version: '1.0.0', integrity: pin } },
    cache,
    pack: fetch,
    tell: () => {},
  })

test('given a pin, when its archive has the pinned checksum, then the file is unpacked beside its licence', async () => {
  const path = await fetchTool()
  expect(path).toBe(join(cache, '@a+tool-1.0.0/bin/tool'))
  expect(readFileSync(path ?? '', 'utf8')).toBe('a tool')
  expect(readdirSync(join(cache, '@a+tool-1.0.0')).sort()).toEqual(['LICENSE', 'bin'])
})

test('given a tool that is there, when it is asked for again, then nothing is fetched', async () => {
  await fetchTool()
  await fetchTool()
  expect(fetched).toBe(1)
})

test('given a tampered archive, when it is fetched, then set-up refuses it and leaves nothing behind', async () => {
  await expect(fetchTool('sha512-somethingElse')).rejects.toThrow(
    /integrity mismatch, nothing was unpacked\n.*want sha512/,
  )
  expect(readdirSync(cache)).toEqual([])
})

test('given a download that broke off, when the tool is asked for again, then it is fetched anew and the rest is gone', async () => {
  const broken = async (_spec: string, into: string): Promise<void> => {
    writeFileSync(join(into, 'tool-1.0.0.tgz'), 'half')
    throw new Error('connection reset')
  }
  await expect(fetchTool(integrity, broken)).rejects.toThrow('connection reset')
  await fetchTool()
  expect(readdirSync(cache)).toEqual(['@a+tool-1.0.0'])
})

test('given no pin for a platform, when its tool is asked for, then the answer is null', async () => {
  expect(await tool('@pnpm/exe.plan9-mips', 'pnpm', { pins: {}, cache, pack })).toBe(null)
  expect(fetched).toBe(0)
})
