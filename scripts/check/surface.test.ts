import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FakePackage, fakeWorkspace } from './fake-workspace.ts'
import { describe as describeSurface, surface } from './surface.ts'
import type { Workspace } from './workspace.ts'

const entry = (name = 'index') => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })

const breaker = (files: Readonly<Record<string, string>>, exports: object = { '.': entry() }): FakePackage => ({
  files,
  manifest: { exports },
})

/** A workspace of one package with these declarations, and that package's surface without the title. */
function surfaceOf(files: Readonly<Record<string, string>>, exports?: object): string[] {
  const workspace = fakeWorkspace({ breaker: breaker(files, exports) })
  const pkg = workspace.packages.find(({ short }) => short === 'breaker')
  return pkg ? describeSurface(workspace, pkg).trim().split('\n').slice(2) : []
}

describe('what is part of a surface', () => {
  test('given a name that an index exports from a file, when it is described, then its declaration is shown without comments', () => {
    const files = {
      'dist/index.d.ts': `export { type State, breaker as make } from './breaker.ts';\n//# sourceMappingURL=index.d.ts.map`,
      'dist/breaker.d.ts': `
        /** Doc. */
        export type State = 'open' | /* why */ 'closed';
        export declare function breaker(): State;
        export declare function breaker(state: State): void;
        export declare const internal: number;`,
    }
    expect(surfaceOf(files)).toEqual([
      '## @tenon/breaker',
      '',
      `export type State = 'open' |  'closed';`,
      'export { breaker as make }',
      'export function breaker(): State;',
      'export function breaker(state: State): void;',
    ])
  })

  test('given a declaration that refers to others, when it is described, then those are shown, and other packages named', () => {
    const files = {
      'dist/index.d.ts': `
        import type { Either } from 'fp-ts/lib/Either.js';
        import type { Options } from './options.ts';
        declare const brand: unique symbol;
        export declare class Breaker implements Base { readonly [brand]?: Either<Options, typeof start>; }
        declare const start: number;
        interface Base {}
        declare const unrelated: 1;`,
      'dist/options.d.ts': `export interface Options { unrelated: Inner } interface Inner {} interface Outer {}`,
    }
    expect(surfaceOf(files)).toEqual([
      '## @tenon/breaker',
      '',
      'export class Breaker implements Base { readonly [brand]?: Either<Options, typeof start>; }',
      '',
      '# Cannot be named, but is part of the above:',
      '',
      'interface Base {}',
      'interface Inner {}',
      'interface Options { unrelated: Inner }',
      'const brand: unique symbol;',
      'const start: number;',
      '',
      '# Of other packages:',
      '',
      `import { Either } from 'fp-ts/lib/Either.js'`,
    ])
  })

  test('given a second entry, when it refers to what the first exports, then that is not shown twice', () => {
    const files = {
      'dist/index.d.ts': `export * from './clock.ts';`,
      'dist/clock.d.ts': 'export interface Clock {}',
      'dist/testing.d.ts': `import type { Clock } from './clock.ts';\nexport declare const virtual: Clock;`,
    }
    expect(surfaceOf(files, { '.': entry(), './testing': entry('testing') })).toEqual([
      ...['## @tenon/breaker', '', 'export interface Clock {}', ''],
      ...['## @tenon/breaker/testing', '', 'export const virtual: Clock;'],
    ])
  })

  test('given a declaration that moves to another file, when it is described, then nothing has changed', () => {
    const declaration = 'export declare const a: { b: string };'
    const before = { 'dist/index.d.ts': `export { a } from './a.ts'`, 'dist/a.d.ts': declaration }
    const after = { 'dist/index.d.ts': declaration }
    expect(surfaceOf(after)).toEqual(surfaceOf(before))
  })
})

describe('snapshots', () => {
  const workspaceWith = (declaration: string): Workspace =>
    fakeWorkspace({
      endpoint: breaker({ 'dist/index.d.ts': declaration }),
      breaker: breaker({ 'dist/index.d.ts': declaration }),
    })
  const files = (root: string) => [
    join(root, 'packages/breaker/surface.txt'),
    join(root, 'packages/endpoint/surface.txt'),
  ]

  test('given no snapshot, when the surface is checked, then the command that creates it is said', () => {
    expect(surface(['breaker'], workspaceWith('export {}'))).toEqual([
      'packages/breaker/surface.txt:1: is missing: create it with "npm run check -- surface --update breaker"',
    ])
  })

  test('given an update of one package, when the surface is checked, then that one is in order and the other is not', () => {
    const workspace = workspaceWith('export declare const a: 1;')
    expect(surface(['--update', 'breaker'], workspace)).toEqual([])
    expect(files(workspace.root).map((file) => existsSync(file))).toEqual([true, false])
    expect(surface(['breaker'], workspace)).toEqual([])
    expect(surface([], workspace)).toHaveLength(1)
  })

  test('given an accepted surface, when a declaration changes, then the lines are shown and how to accept them', () => {
    const workspace = workspaceWith('export declare const a: 1;\nexport declare const b: 1;')
    surface(['--update'], workspace)
    writeFileSync(
      join(workspace.root, 'packages/breaker/dist/index.d.ts'),
      'export declare const a: 2;\nexport declare const b: 1;',
    )
    const problems = surface([], workspace)
    expect(problems[0]).toBe('packages/breaker/surface.txt:5: what users can name has changed:')
    expect(problems.slice(1, 3)).toEqual(['  - export const a: 1;', '  + export const a: 2;'])
    expect(problems.at(-1)).toContain('npm run check -- surface --update breaker')
    expect(readFileSync(files(workspace.root)[0] ?? '', 'utf8')).toContain('const a: 1')
  })

  test('given a name that no package has, when the surface is checked, then it is said', () => {
    expect(surface(['braker'], workspaceWith(''))).toEqual(['no package is called "braker"'])
  })
})
