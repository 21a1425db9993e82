import { describe, expect, test } from 'vitest'
import { fakeWorkspace } from './fake-workspace.ts'
import { law, mayImport } from './law.ts'
import { references } from './references.ts'
import { readWorkspace } from './workspace.ts'

describe('who may build on whom', () => {
  test.each([
    ['policy', 'endpoint'],
    ['contract', 'endpoint'],
    ['breaker', 'endpoint'],
    ['breaker', 'policy'],
    ['transport-http', 'contract'],
    ['discovery-consul', 'discovery'],
    ['breaker-opossum', 'breaker'],
    ['stack', 'breaker'],
  ])('given %s, when it imports %s, then the law allows it', (from, to) => expect(mayImport(from, to)).toBe(true))

  test.each([
    ['endpoint', 'policy'],
    ['policy', 'contract'],
    ['contract', 'policy'],
    ['contract', 'discovery'],
    ['breaker', 'retry'],
    ['breaker', 'breaker-opossum'],
    ['discovery-consul', 'discovery-etcd'],
    ['discoverydns', 'discovery'],
    ['transport-http', 'stack'],
  ])('given %s, when it imports %s, then the law forbids it', (from, to) => expect(mayImport(from, to)).toBe(false))
})

test('given a lawful workspace, when it is checked, then nothing is said', () => {
  const workspace = fakeWorkspace({
    breaker: {
      dependencies: ['endpoint', 'fp-ts'],
      devDependencies: ['retry', 'io-ts'],
      files: {
        'src/index.ts': `
          import { a } from '@tenon/endpoint'
          import * as E from 'fp-ts/lib/Either.js'
          import { readFile } from 'node:fs/promises'
          export { b } from './b.ts'`,
        'src/b.ts': 'export const b = 1',
        'src/b.test.ts': `
          import { test } from 'vitest'
          import { retry } from '@tenon/retry'
          import { breaker } from '@tenon/breaker'
          import * as t from 'io-ts'`,
      },
    },
    retry: { dependencies: ['endpoint'] },
    bench: { dependencies: ['breaker', 'retry'], files: { 'src/main.ts': `import '@tenon/retry'` } },
  })
  expect(law(workspace)).toEqual([])
})

test.each<[string, string, string, string]>([
  [
    'a sibling',
    'index',
    `\nimport { retry } from '@tenon/retry'`,
    'src/index.ts:2: depends on @tenon/retry, but breaker may build on endpoint, policy, contract only',
  ],
  ['a sibling in a type', 'index', `type T = import('@tenon/retry').T`, 'src/index.ts:1: depends on @tenon/retry'],
  ['a sibling on demand', 'index', `const x = await import('@tenon/retry')`, 'src/index.ts:1: depends on @tenon/retry'],
  [
    'a sibling that is exported again',
    'index',
    `export type { T } from '@tenon/retry'`,
    'src/index.ts:1: depends on @tenon/retry',
  ],
  [
    'an undeclared package',
    'index',
    `import 'undici'`,
    'src/index.ts:1: imports undici, which is not declared: add it to dependencies of packages/breaker/package.json',
  ],
  ['a test tool', 'index', `import 'vitest'`, 'src/index.ts:1: imports vitest, which is not declared'],
  [
    'an undeclared package in a test',
    'x.test',
    `import 'undici'`,
    'src/x.test.ts:1: imports undici, which is not declared: add it to devDependencies',
  ],
  [
    'a foundation that is not declared',
    'index',
    `import '@tenon/policy'`,
    'src/index.ts:1: imports @tenon/policy, which is not declared',
  ],
  ['a builtin without its prefix', 'index', `import fs from 'fs'`, 'src/index.ts:1: imports "fs": write "node:fs"'],
  ['its own package by name', 'index', `import '@tenon/breaker'`, 'src/index.ts:1: imports its own package by name'],
  [
    "another package's file",
    'index',
    `import '../../endpoint/src/index.ts'`,
    'src/index.ts:1: imports "../../endpoint/src/index.ts", which is outside packages/breaker',
  ],
])('given a breaker that imports %s, when it is checked, then its line is named', (_, file, text, problem) => {
  const workspace = fakeWorkspace({
    breaker: { dependencies: ['endpoint'], files: { [`src/${file}.ts`]: text } },
    policy: { dependencies: ['endpoint'] },
    retry: { dependencies: ['endpoint'] },
  })
  expect(law(workspace)).toEqual([expect.stringContaining(`packages/breaker/${problem}`)])
})

test('given an import in a comment or a string, when it is checked, then it does not count', () => {
  const files = { 'src/index.ts': `// import 'undici'\n/** import('undici') */\nexport const code = "import 'undici'"` }
  expect(law(fakeWorkspace({ breaker: { files } }))).toEqual([])
})

test('given files that import each other, when they are checked, then the cycle is named once', () => {
  const files = {
    'src/index.ts': `export * from './a.ts'`,
    'src/a.ts': `import type { B } from './b.ts'`,
    'src/b.ts': `\nimport { c } from './c.ts'`,
    'src/c.ts': `import { a } from './a.ts'`,
  }
  expect(law(fakeWorkspace({ breaker: { files } }))).toEqual([
    expect.stringContaining('packages/breaker/src/c.ts:1: closes the import cycle a.ts -> b.ts -> c.ts -> a.ts'),
  ])
})

describe('manifests and references', () => {
  test('given a sibling in dependencies, when it is checked, then the manifest is named with the line', () => {
    const problems = law(fakeWorkspace({ breaker: { dependencies: ['retry'] }, retry: {} }))
    expect(problems).toEqual([expect.stringMatching(/^packages\/breaker\/package\.json:4: depends on @tenon\/retry/)])
  })

  test('given a package that is not called after its folder, when it is checked, then its name is said', () => {
    const problems = law(fakeWorkspace({ breaker: { manifest: { name: '@tenon/braker' } } }))
    expect(problems).toEqual([expect.stringContaining('packages/breaker/package.json:2: is named @tenon/braker')])
  })

  test('given a dependency without its reference and one too many, when it is checked, then both are said', () => {
    const workspace = fakeWorkspace({
      breaker: { dependencies: ['endpoint', 'policy'], references: ['../endpoint', '../contract'] },
      policy: { dependencies: ['endpoint'] },
      contract: { dependencies: ['endpoint'] },
    })
    expect(law(workspace)).toEqual([
      expect.stringContaining('packages/breaker/tsconfig.json:1: add { "path": "../policy" } to references'),
      expect.stringMatching(/^packages\/breaker\/tsconfig\.json:\d+: remove \{ "path": "\.\.\/contract" \}/),
    ])
  })

  test('given a new package, when the root does not reference it, then the root is named', () => {
    const workspace = fakeWorkspace({ breaker: {} })
    const extra = { ...workspace.packages[0], folder: 'packages/endpoint2' } as (typeof workspace.packages)[0]
    const problems = references({ ...workspace, packages: [...workspace.packages, extra] })
    expect(problems).toContainEqual(expect.stringContaining('tsconfig.json:1: add { "path": "packages/endpoint2" }'))
    expect(problems).toContainEqual('packages/endpoint2/tsconfig.json:1: is missing: take that of another package')
  })
})

test('given this workspace, when it is read, then every package is found', () => {
  expect(readWorkspace().packages.map(({ folder }) => folder)).toEqual(
    expect.arrayContaining(['packages/endpoint', 'packages/transport-http', 'examples/orders', 'bench', 'test']),
  )
})
