import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mirror, type Source, unpack } from '../../scripts/setup/debian.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debian-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A machine's `/etc`, by file. */
function etc(files: Readonly<Record<string, string>>): string {
  const machine = { 'os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n', ...files }
  for (const [name, text] of Object.entries(machine)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const others = `Types: deb
URIs: https://example.test/node
Suites: nodistro
Components: main
`

describe("given a machine's sources, when its mirror is looked for", () => {
  it('then the stanza of its own suite is taken, with its keyring', () => {
    const stanza = `Types: deb deb-src
# a comment
URIs: http://mirror.example.test/debian http://second.example.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg
`
    const files = {
      'apt/sources.list.d/a.sources': others,
      'apt/sources.list.d/debian.sources': `${stanza}\n${others}`,
    }
    expect(mirror(etc(files))).toEqual({
      uri: 'http://mirror.example.test/debian',
      suite: 'bookworm',
      options: 'signed-by=/usr/share/keyrings/debian.gpg',
    })
  })

  it('then a line of the old form is read as well, with its options', () => {
    const lines = `# deb http://no.example.test bookworm main
deb http://security.example.test bookworm-security main
deb [signed-by=/k.gpg arch=amd64] http://mirror.example.test bookworm main non-free
`
    expect(mirror(etc({ 'apt/sources.list': lines }))).toEqual({
      uri: 'http://mirror.example.test',
      suite: 'bookworm',
      options: 'signed-by=/k.gpg arch=amd64',
    })
  })

  it('then there is none without a source of the suite, and none on another system', () => {
    expect(mirror(etc({ 'apt/sources.list.d/node.sources': others }))).toBe(undefined)
    const ubuntu = { 'os-release': 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n' }
    expect(mirror(etc({ ...ubuntu, 'apt/sources.list': 'deb http://x.test bookworm main\n' }))).toBe(undefined)
    expect(mirror(join(folder, 'nowhere'))).toBe(undefined)
  })
})

describe.runIf(spawnSync('dpkg-deb', ['--version']).status === 0)('given a package, when it is unpacked', () => {
  const source: Source = { uri: 'http://mirror.example.test', suite: 'bookworm', options: '' }

  /** Stands for apt: builds a real archive with two programs; `gone` it does not have. */
  const fetch = async (into: string) => async (name: string) => {
    if (name === 'gone') throw new Error('apt-get download gone failed')
    const tree = join(folder, name)
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
    mkdirSync(join(tree, 'usr/bin'), { recursive: true })
    const control = `Package: ${name}\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: nobody\nDescription: a test\n`
    writeFileSync(join(tree, 'DEBIAN/control'), control)
    writeFileSync(join(tree, 'usr/bin/wanted'), `of ${name}`)
    writeFileSync(join(tree, 'usr/bin/unwanted'), '')
    execFileSync('dpkg-deb', ['--build', tree, join(into, `${name}_1%3a2.0-1_all.deb`)], { stdio: 'ignore' })
  }
  const into = (): string => join(folder, 'cache/debian')
  const files = ['usr/bin/wanted']
  const all = (...names: string[]) => names.map((name) => ({ name, files }))

  it('then the files that were asked for are there, and nothing else is left', async () => {
    expect(await unpack(all('one', 'two'), { into: into(), source, fetch })).toEqual(new Map())
    expect(readFileSync(join(into(), 'two/usr/bin/wanted'), 'utf8')).toBe('of two')
    expect(readdirSync(into()).sort()).toEqual(['one', 'two'])
    expect(readdirSync(join(into(), 'one/usr/bin'))).toEqual(['wanted'])
    expect(readdirSync(join(folder, 'cache'))).toEqual(['debian'])
  })

  it('then one without such a file is refused by its name, and no draft is left', async () => {
    const packages = [{ name: 'one', files: ['usr/bin/missing'] }]
    const failed = await unpack(packages, { into: into(), source, fetch })
    expect(String(failed.get('one'))).toMatch(/unpacking one failed/)
    expect(readdirSync(join(folder, 'cache'))).toEqual(['debian'])
    expect(readdirSync(into())).toEqual([])
  })

  it('then one that cannot be had is answered with the reason, and the others are there', async () => {
    const failed = await unpack(all('one', 'gone', 'two'), { into: into(), source, fetch })
    expect([...failed]).toEqual([['gone', new Error('apt-get download gone failed')]])
    expect(readdirSync(into()).sort()).toEqual(['one', 'two'])
    expect(readdirSync(join(folder, 'cache'))).toEqual(['debian'])
  })

  it('then a source that cannot be had is thrown, and no draft is left', async () => {
    const broken = () => Promise.reject(new Error('apt-get update failed'))
    await expect(unpack(all('one'), { into: into(), source, fetch: broken })).rejects.toThrow('apt-get update failed')
    expect(readdirSync(join(folder, 'cache'))).toEqual(['debian'])
  })
})
