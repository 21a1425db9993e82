// All that CI checks beside the tests: `npm run check`, or some of it: `npm run check -- law types`.
// Every check runs, also after one has failed, so that one round shows everything there is to mend.
import { bench } from './check/bench.ts'
import { passes } from './check/command.ts'
import { law } from './check/law.ts'
import { packages } from './check/packages.ts'
import { readme } from './check/readme.ts'
import { tidy } from './check/scratch.ts'
import { surface } from './check/surface.ts'
import { typeCheck } from './check/type-check.ts'

interface Check {
  readonly does: string
  /** Answers the problems it found; empty is good. Arguments reach a check that is asked for alone. */
  readonly run: (args: readonly string[]) => Promise<readonly string[]> | readonly string[]
}

const checks: Readonly<Record<string, Check>> = {
  format: {
    does: 'formatting and lint (to mend: npm run format)',
    run: () => passes('biome', ['check', '--error-on-warnings'], 'npm run format mends what can be mended without you'),
  },
  law: { does: 'who may import whom, declared dependencies, references, import cycles', run: () => law() },
  types: { does: 'types of the tests, and everything with the declarations of the libraries', run: typeCheck },
  surface: { does: 'public declarations against their snapshots (--update accepts them)', run: surface },
  readme: { does: 'the examples of the READMEs compile and run', run: readme },
  packages: { does: 'what would be published: manifest, contents, publint, attw', run: packages },
  unused: {
    does: 'files, exports and dependencies that nothing uses',
    run: () => passes('knip', ['--no-progress', '--no-config-hints']),
  },
  bench: { does: 'the benchmarks run', run: bench },
}

const help = (): string => `usage: npm run check [-- NAME... [ARGUMENTS]]

${Object.entries(checks)
  .map(([name, { does }]) => `  ${name.padEnd(10)} ${does}`)
  .join('\n')}`

/** Names of checks, then the arguments for the one that is named alone. */
function parse(argv: readonly string[]): { names: readonly string[]; args: readonly string[] } {
  const stray = argv.findIndex((word) => !Object.hasOwn(checks, word))
  const end = stray < 0 ? argv.length : stray
  return { names: end === 0 ? Object.keys(checks) : argv.slice(0, end), args: argv.slice(end) }
}

async function runCheck(name: string, args: readonly string[]): Promise<boolean> {
  const start = performance.now()
  const problems = await Promise.resolve(checks[name]?.run(args)).catch((error: Error) => [
    error.stack ?? error.message,
  ])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const failed = (problems?.length ?? 0) > 0
  if (failed) console.error(`\n${problems?.join('\n')}\n`)
  console.log(`${failed ? 'FAILED' : 'ok    '} ${name.padEnd(10)} ${seconds.padStart(5)} s`)
  return !failed
}

tidy()
const { names, args } = parse(process.argv.slice(2))
if (args.includes('--help')) console.log(help())
else if (args.length > 0 && names.length !== 1) {
  console.error(`no check is called "${args[0]}"\n${help()}`)
  process.exitCode = 1
} else {
  const failed: string[] = []
  for (const name of names) if (!(await runCheck(name, args))) failed.push(name)
  if (failed.length > 0) {
    console.error(`check failed: ${failed.join(', ')}. Run one alone: npm run check -- ${failed[0]}`)
    process.exitCode = 1
  }
}
