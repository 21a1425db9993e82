// The fields of package.json that all our packages have alike, so that none differs by accident.
import type { Package, Workspace } from './workspace.ts'

export function manifestProblems(pkg: Package, workspace: Workspace): string[] {
  const assets = (pkg.manifest.files as readonly string[] | undefined)?.includes('assets')
  const expected = {
    type: 'module',
    sideEffects: false,
    // A package may have a folder of assets, of others and under their licence.
    files: ['dist', 'src', ...(assets ? ['assets'] : []), '!**/*.test.ts', '!dist/**/*.tsbuildinfo'],
    license: assets ? pkg.manifest.license : workspace.manifest.license,
    engines: workspace.manifest.engines,
  }
  const problems = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(pkg.manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => `"${field}" is to be ${JSON.stringify(value)}`)
  if (!pkg.manifest.description) problems.push('"description" is missing: say in one sentence what the package is')
  for (const [subpath, target] of Object.entries(pkg.manifest.exports ?? {}))
    problems.push(...exported(subpath, target))
  if (!pkg.manifest.exports?.['.']) problems.push('"exports" has no "."')
  return problems.map((problem) => `${pkg.folder}/package.json:1: ${problem}`)
}

function exported(subpath: string, target: unknown): string[] {
  const name = subpath === '.' ? 'index' : subpath.slice(2)
  const value = JSON.stringify({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })
  return JSON.stringify(target) === value ? [] : [`"exports" of "${subpath}" is to be ${value}`]
}
