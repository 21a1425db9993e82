import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findServers } from '../../scripts/setup/servers.mjs'

const wanted = {
  serverd: { package: 'server', file: 'usr/sbin/serverd' },
  serverctl: { package: 'server', file: 'usr/bin/serverctl' },
}
const source = { uri: 'http://mirror.example.test', suite: 'bookworm', options: '' }

let cache = ''
let said: string[] = []
const tell = (text: string): void => {
  said.push(text)
}

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'servers-'))
  said = []
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(cache, { recursive: true, force: true })
})

const unpackAll = vi.fn(async (packages, { into }) => {
  for (const { name, files } of packages)
    for (const file of files) {
      mkdirSync(join(into, name, file, '..'), { recursive: true })
      writeFileSync(join(into, name, file), file)
    }
  return new Map()
})
const find = (options: Parameters<typeof findServers>[0] = {}) =>
  findServers({ wanted, cache, source, unpackAll, tell, ...options })

test('given programs that are nowhere, when they are looked for, then one package is fetched, once, and a folder has both', async () => {
  unpackAll.mockClear()
  const [folder = ''] = await find()
  expect(readFileSync(join(folder, 'serverd'), 'utf8')).toBe('usr/sbin/serverd')
  expect(existsSync(join(folder, 'serverctl'))).toBe(true)
  expect(await find()).toEqual([folder])
  expect(unpackAll.mock.calls.map(([packages]) => packages)).toEqual([
    [{ name: 'server', files: ['usr/sbin/serverd', 'usr/bin/serverctl'] }],
  ])
  expect(said).toEqual(['fetching serverd, serverctl', expect.stringMatching(/^serverd, serverctl ready in [\d.]+ s$/)])
})

test('given a program on PATH, when it is looked for, then it is not fetched', async () => {
  unpackAll.mockClear()
  writeFileSync(join(cache, 'serverd'), '')
  chmodSync(join(cache, 'serverd'), 0o755)
  vi.stubEnv('PATH', `${process.env.PATH}:${cache}`)
  const [folder = ''] = await find()
  expect(existsSync(join(folder, 'serverd'))).toBe(false)
  expect(existsSync(join(folder, 'serverctl'))).toBe(true)
})

test('given a task that needs none, when programs are looked for, then nothing is fetched, and what is there is found', async () => {
  unpackAll.mockClear()
  expect(await find({ fetch: false })).toEqual([])
  const there = await find()
  expect(await find({ fetch: false })).toEqual(there)
  expect(unpackAll).toHaveBeenCalledTimes(1)
})

test('given no mirror, when programs are looked for, then that is said and nothing stops', async () => {
  expect(await find({ source: null })).toEqual([])
  expect(said).toEqual([
    "serverd, serverctl: not on PATH, and only Debian's packages are fetched; tests that need them are skipped",
  ])
})

test('given a task that goes on without, when programs cannot be had, then it says that', async () => {
  expect(await find({ source: null, without: 'it is done without' })).toEqual([])
  expect(said).toEqual([expect.stringMatching(/only Debian's packages are fetched; it is done without$/)])
})

test('given a fetch that fails, when programs are looked for, then the reason is said, and the next run tries again', async () => {
  const broken = () => Promise.reject(new Error('apt-get update failed'))
  expect(await find({ unpackAll: broken })).toEqual([])
  expect(said.at(-1)).toBe('serverd, serverctl: apt-get update failed\ntests that need them are skipped')
  expect(await find()).toHaveLength(1)
})

test('given programs of several suites, when one suite cannot be had, then that is said, and the others are there', async () => {
  const withOld = { ...wanted, oldd: { package: 'old', file: 'usr/bin/oldd', suite: 'bullseye' } }
  const fetched: string[] = []
  const unpackSome: typeof unpackAll = vi.fn(async (packages, options) => {
    fetched.push(options.source.suite)
    if (options.source.suite === 'bullseye') throw new Error('apt-get update of bullseye failed')
    return unpackAll(packages, options)
  })
  const [folder = ''] = await find({ wanted: withOld, unpackAll: unpackSome })
  expect(fetched).toEqual(['bookworm', 'bullseye'])
  expect(readdirSync(folder).sort()).toEqual(['serverctl', 'serverd'])
  expect(said).toContain('oldd: apt-get update of bullseye failed\ntests that need them are skipped')
  // The next run asks again, and only for what is missing.
  await find({ wanted: withOld, unpackAll })
  expect(readdirSync(folder).sort()).toEqual(['oldd', 'serverctl', 'serverd'])
  expect(unpackAll.mock.lastCall?.[0]).toEqual([{ name: 'old', files: ['usr/bin/oldd'] }])
})

test('given several packages of a suite, when one cannot be had, then that is said, and the others are there', async () => {
  const withGone = { gone: { package: 'lost', file: 'usr/bin/gone' }, ...wanted }
  const unpackSome: typeof unpackAll = vi.fn(async (packages, options) => {
    await unpackAll(
      packages.filter(({ name }: { name: string }) => name !== 'lost'),
      options,
    )
    return new Map([['lost', new Error('there is none')]])
  })
  const [folder = ''] = await find({ wanted: withGone, unpackAll: unpackSome })
  expect(readdirSync(folder).sort()).toEqual(['serverctl', 'serverd'])
  expect(said.slice(1)).toEqual([
    'gone: there is none\ntests that need them are skipped',
    expect.stringMatching(/^serverd, serverctl ready in/),
  ])
})
