// Starts a package as the others are: npm run exec -- node scripts/new-package.ts NAME 'What it is, in one sentence.'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { passes } from './check/command.ts'
import { mayImport } from './check/law.ts'
import { readWorkspace, root, scope, type Workspace } from './check/workspace.ts'

/** What a new package's files are to be, by path from the workspace's root. */
export function newPackage(name: string, description: string, workspace: Workspace): Record<string, string> {
  const folder = `packages/${name}`
  const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const dependencies = [
    'endpoint',
    ...workspace.packages.map(({ short }) => short).filter((short) => familyOf(name, short)),
  ]
  const title = scope + name
  return {
    [`${folder}/package.json`]: json(manifest(title, description, dependencies, workspace)),
    [`${folder}/tsconfig.json`]: json(tsconfig(dependencies)),
    [`${folder}/README.md`]: readme(title, description, camel),
    [`${folder}/src/index.ts`]: `export { ${camel} } from './${name}.ts'\n`,
    [`${folder}/src/${name}.ts`]: source(camel, description),
    [`${folder}/src/${name}.test.ts`]: testOf(name, camel),
    'tsconfig.json': referenced(workspace, folder),
  }
}

/** `discovery-consul` builds on `discovery`. */
const familyOf = (name: string, short: string): boolean => name.startsWith(`${short}-`) && mayImport(name, short)

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function manifest(
  name: string,
  description: string,
  dependencies: readonly string[],
  { manifest: ours }: Workspace,
): object {
  return {
    name,
    version: '0.0.0',
    description,
    license: ours.license,
    type: 'module',
    sideEffects: false,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'src', '!**/*.test.ts', '!dist/**/*.tsbuildinfo'],
    dependencies: Object.fromEntries(dependencies.map((short) => [scope + short, 'workspace:^'])),
    engines: ours.engines,
  }
}

function tsconfig(dependencies: readonly string[]): object {
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      rootDir: 'src',
      outDir: 'dist',
      isolatedDeclarations: true,
      tsBuildInfoFile: 'dist/.tsbuildinfo',
    },
    include: ['src'],
    exclude: ['src/**/*.test.ts'],
    references: dependencies.map((short) => ({ path: `../${short}` })),
  }
}

/** The root's tsconfig with one reference more, in its place. */
function referenced(workspace: Workspace, folder: string): string {
  const { references, ...rest } = JSON.parse(readFileSync(join(workspace.root, 'tsconfig.json'), 'utf8'))
  const before = (references as { path: string }[]).filter(({ path }) => path.startsWith('packages/') && path < folder)
  const lines = (references as { path: string }[]).toSpliced(before.length, 0, { path: folder })
  const text = lines.map(({ path }) => `    { "path": "${path}" }`).join(',\n')
  return `${JSON.stringify(rest, null, 2).replace(/\n\}$/, '')},\n  "references": [\n${text}\n  ]\n}\n`
}

const readme = (title: string, description: string, camel: string): string => `# ${title}

${description}

\`\`\`ts run
import { call, endpoint, ok } from '@tenon/endpoint'
import { ${camel} } from '${title}'

const hello = ${camel}()(endpoint(async (name: string) => ok(\`hello \${name}\`)))
console.log(await call(hello, 'you'))
\`\`\`

\`\`\`text
{ _tag: 'Right', right: 'hello you' }
\`\`\`
`

const source = (camel: string, description: string): string => `// ${description}
import { type Middleware, observe } from '@tenon/endpoint'

/** Say what it does, the units and defaults of every option, which failures it adds, and what the caller must close. */
export function ${camel}(): Middleware {
  return observe(() => undefined)
}
`

const testOf = (name: string, camel: string): string => `import { call, endpoint, ok } from '@tenon/endpoint'
import { expect, test } from 'vitest'
import { ${camel} } from './${name}.ts'

test('given an endpoint that succeeds, when it is wrapped, then its output is passed on', async () => {
  const wrapped = ${camel}()(endpoint(async (name: string) => ok(name)))
  expect(await call(wrapped, 'you')).toEqual(ok('you'))
})
`

async function main([name = '', description = '']: readonly string[]): Promise<void> {
  const problem = !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)
    ? 'a package is named in lower case with dashes, as discovery-consul'
    : existsSync(join(root, 'packages', name))
      ? `packages/${name} exists`
      : description.endsWith('.')
        ? undefined
        : 'say in one sentence what the package is: it becomes its description'
  if (problem) {
    console.error(`${problem}\nusage: npm run exec -- node scripts/new-package.ts NAME 'What it is, in one sentence.'`)
    process.exitCode = 1
    return
  }
  for (const [path, text] of Object.entries(newPackage(name, description, readWorkspace()))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    console.log(path)
  }
  const unformatted = await passes('biome', ['check', '--write', `packages/${name}`, 'tsconfig.json'])
  if (unformatted.length > 0) console.error(unformatted.join('\n'))
  console.log(`
Next:
  npm run pnpm -- install --no-frozen-lockfile
  npm run check -- surface --update ${name}
  npm test && npm run check`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
