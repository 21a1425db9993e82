import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findPeer, wantsPeer } from '../../scripts/setup/go.mjs'

let home = ''
let said: string[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'go-'))
  said = []
  mkdirSync(join(home, 'sources', 'pb'), { recursive: true })
  writeFileSync(join(home, 'sources', 'go.mod'), 'module interop\n\ngo 1.26.0\n')
  writeFileSync(join(home, 'sources', 'pb', 'a.go'), 'package pb')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A `go` that says this version, and builds like this. */
function toolchain(version: string, build: string): void {
  mkdirSync(join(home, 'bin'), { recursive: true })
  const script = `#!/bin/sh\nif [ "$1" = env ]; then echo ${version}; exit 0; fi\necho built >> ${home}/log\n${build}\n`
  writeFileSync(join(home, 'bin', 'go'), script)
  chmodSync(join(home, 'bin', 'go'), 0o755)
}
const writes = 'while [ "$1" != -o ]; do shift; done; echo program > "$2"'
const find = (options: Parameters<typeof findPeer>[0] = {}) =>
  findPeer({
    sources: join(home, 'sources'),
    cache: join(home, 'cache'),
    path: join(home, 'bin'),
    tell: (text) => void said.push(text),
    ...options,
  })

it('given Go, when the peer is looked for, then it is built once; other sources are another program', async () => {
  toolchain('go1.26.8', writes)
  const first = await find()
  expect(readFileSync(first as string, 'utf8')).toBe('program\n')
  expect(said).toEqual([
    'building test/interop/go with go1.26.8',
    expect.stringMatching(/^test\/interop\/go ready in [\d.]+ s$/),
  ])
  expect(await find()).toBe(first)
  expect(await find({ build: false })).toBe(first)
  expect(readFileSync(join(home, 'log'), 'utf8')).toBe('built\n')
  writeFileSync(join(home, 'sources', 'pb', 'a.go'), 'package pb // changed')
  expect(await find({ build: false })).toBeUndefined()
  expect(await find()).not.toBe(first)
})

it.each([
  ['no Go', undefined, 'not on PATH, nor in /usr/local/go'],
  ['a Go that is too old', 'go1.25.9', 'go1.25.9 at'],
  ['a go that is another program', '', 'not on PATH, nor in /usr/local/go'],
])(
  'given %s, when the peer is looked for, then it is said which is needed, and what is skipped',
  async (_, version, found) => {
    if (version !== undefined) toolchain(version, writes)
    expect(await find()).toBeUndefined()
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(
      /^Go 1\.26 or newer is needed to test against Go kit .*; tests with a Go kit peer are skipped$/,
    )
    expect(said[0]).toContain(found)
  },
)

it('given no network, when the peer is built, then that is what is said, and half a program is not left', async () => {
  toolchain('go1.26.8', `${writes}; echo 'dial tcp: lookup modules.example.test: no such host' >&2; exit 1`)
  expect(await find()).toBeUndefined()
  expect(said[1]).toMatch(/^Go's modules cannot be fetched without the network\n.*no such host\n.*skipped$/s)
  expect(await find({ build: false })).toBeUndefined()
})

it('given sources that do not compile, when the peer is built, then the compiler is heard', async () => {
  toolchain('go1.26.8', "echo './a.go:1: syntax error' >&2; exit 1")
  expect(await find()).toBeUndefined()
  expect(said[1]).toMatch(/^building test\/interop\/go failed \(exit 1\)\n\.\/a\.go:1: syntax error\n/)
})

it.each([
  [[], true],
  [['test'], true],
  [['test/interop/go-http.test.ts'], true],
  [['-t', 'opens'], true],
  [['packages/retry', 'test/interop'], true],
  [['packages/retry'], false],
  [['test/conformance/'], false],
])('given the arguments %j, then a run of tests needs the peer: %s', (args, needs) => {
  expect(wantsPeer(args)).toBe(needs)
})
