import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeWorkspace } from './check/fake-workspace.ts'
import { law } from './check/law.ts'
import { manifestProblems } from './check/manifest.ts'
import { readWorkspace } from './check/workspace.ts'
import { newPackage } from './new-package.ts'

test.each([
  ['chaos', ['@tenon/endpoint']],
  ['discovery-consul', ['@tenon/endpoint', '@tenon/discovery']],
])(
  'given the name %s, when a package is started, then it keeps the law and is like the others',
  (name, dependencies) => {
    const workspace = fakeWorkspace({
      discovery: { dependencies: ['endpoint'] },
      retry: { dependencies: ['endpoint'] },
    })
    for (const [path, text] of Object.entries(newPackage(name, 'A thing.', workspace))) {
      mkdirSync(dirname(join(workspace.root, path)), { recursive: true })
      writeFileSync(join(workspace.root, path), text)
    }
    const after = readWorkspace(workspace.root)
    const pkg = after.packages.find(({ short }) => short === name)
    expect(law(after)).toEqual([])
    expect(pkg && manifestProblems(pkg, after)).toEqual([])
    expect(Object.keys(pkg?.manifest.dependencies ?? {})).toEqual(dependencies)
  },
)
