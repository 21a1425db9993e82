import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
const exec = (code: string) => ['exec', 'node', '-e', code]

test('given --help, when the script runs, then it prints every task of package.json and succeeds', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const { status, stdout } = run('--help')
  expect(status).toBe(0)
  for (const name of Object.keys(scripts)) expect(stdout).toContain(`  ${name} `)
})

test('given scripts in package.json, when npm runs one, then signals reach the script and not a shell around it', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const [name, command] of Object.entries(scripts)) expect(command).toBe(`exec node scripts/run.mjs ${name}`)
})

test.each([
  [[], 'no task was named'],
  [['launch'], 'no task is called "launch"'],
  [['constructor'], 'no task is called "constructor"'],
  [['exec'], 'exec needs a command'],
  [['example'], 'an example needs its name'],
  [['example', 'nope'], 'no example is called "nope"'],
])('given the arguments %j, when the script runs, then it fails and says: %s', (args, message) => {
  const { status, stderr } = run(...args)
  expect(status).toBe(1)
  expect(stderr).toContain(message)
})

test('given the name of an example, when it is run, then it gets the other arguments; of no example, all are listed', () => {
  const { status, stdout } = run('example', 'stringsvc/step1', '--help')
  expect([status, stdout]).toEqual([0, expect.stringContaining('npm run example -- stringsvc/step1 [options]')])
  const { stderr } = run('example', '../bench')
  for (const name of ['orders', 'stringsvc/step1', 'stringsvc/step1-contract'])
    expect(stderr).toContain(`\n  ${name}\n`)
  expect(stderr).not.toContain('command')
})

test('given a task that exits with 42, when it ends, then so does the script', () => {
  expect(run(...exec('process.exit(42)')).status).toBe(42)
})

test('given a task that kills itself, when it ends, then the script dies of the same signal', () => {
  expect(run(...exec('process.kill(process.pid, "SIGKILL")')).signal).toBe('SIGKILL')
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'given a running task, when the script gets %s, then the task gets it once and decides the exit code',
  async (signal) => {
    const code = `let n = 0; process.on(${JSON.stringify(signal)}, () => { n += 1; setTimeout(() => process.exit(10 + n), 100) }); setInterval(() => {}, 1000); console.log('up')`
    const child = spawn(process.execPath, [script, ...exec(code)], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([11, null])
  },
)
