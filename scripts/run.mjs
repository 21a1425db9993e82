// The one entry behind `npm start`, `npm test` and the rest: sets up what is missing, then runs the task.
// Plain JavaScript without dependencies, because it runs before either exists, on Node 20 and newer.
import { join } from 'node:path'
import { endLike, passSignalsOn, start } from './setup/child.mjs'
import { example } from './setup/example.mjs'
import { wantsPeer } from './setup/go.mjs'
import { SetupError, say } from './setup/say.mjs'
import { setup } from './setup/setup.mjs'
import { root } from './setup/tool.mjs'

/** @typedef {{ does: string, command: (args: string[]) => string[], install?: boolean, build?: boolean, servers?: boolean | ((args: string[]) => import('./setup/setup.mjs').Servers) }} Task */

/** @param {string} file */
const at = (file) => join(root, file)

/** @type {Record<string, Task>} */
const tasks = {
  start: {
    does: 'runs the example service',
    command: (args) => ['node', at('examples/orders/dist/main.js'), ...args],
    servers: (args) => ({
      names: ['nats-server', ...['consul', 'etcd'].filter((name) => args.join('=').includes(`--registry=${name}`))],
      without: 'it is done without, as far as can be',
    }),
  },
  example: {
    does: 'runs an example: example -- stringsvc/step1 --port 8081',
    command: (args) => example(at('examples'), args),
  },
  test: { does: 'runs the tests', command: (args) => ['vitest', 'run', ...args], servers: true },
  'test:slow': {
    does: 'runs the tests that take long',
    command: (args) => ['vitest', 'run', '--config', at('vitest.slow.config.ts'), ...args],
    servers: true,
  },
  bench: {
    does: 'runs the benchmarks',
    command: (args) => ['node', at('bench/dist/main.js'), ...args],
    servers: true,
  },
  check: {
    does: 'checks everything else that CI checks',
    command: (args) => ['node', at('scripts/check.ts'), ...args],
    servers: true,
  },
  format: {
    does: 'formats the sources and applies the safe fixes of the linter',
    command: (args) => ['biome', 'check', '--write', ...args],
    build: false,
  },
  exec: { does: 'runs a command with the right Node and tools: exec -- tsc -b', command: (args) => args, build: false },
  pnpm: {
    does: 'runs pnpm, even when the lockfile is out of date: pnpm -- install --no-frozen-lockfile',
    command: (args) => ['pnpm', ...args],
    install: false,
    build: false,
  },
}

const help = () => `usage: npm start, npm test, or npm run TASK -- ARGUMENTS

${Object.entries(tasks)
  .map(([name, { does }]) => `  ${name.padEnd(10)} ${does}`)
  .join('\n')}

Each brings what it needs first: a current Node, pnpm, the packages, the build.`

/** @param {string[]} argv */
async function main([name = '', ...args]) {
  if (name === '--help' || name === '-h') return console.log(help())
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (!task) throw new SetupError(`${name ? `no task is called "${name}"` : 'no task was named'}\n${help()}`)
  const [command, ...rest] = task.command(args)
  if (!command) throw new SetupError(`${name} needs a command: npm run ${name} -- COMMAND`)

  passSignalsOn()
  const env = await setup({
    install: task.install ?? true,
    build: task.build ?? true,
    servers: typeof task.servers === 'function' ? task.servers(args) : (task.servers ?? false),
    peer: task.servers === true && wantsPeer(args),
  })
  endLike(await start(command, rest, { env, stdio: 'inherit' }))
}

main(process.argv.slice(2)).catch((error) => {
  say(error instanceof SetupError ? error.message : `unexpected: ${error?.stack ?? error}`)
  endLike({ code: 1, signal: error?.signal ?? null })
})
