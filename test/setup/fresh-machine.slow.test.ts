import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { canGoOffline, checkout } from './checkout.ts'

// One home for all of them: the first run is cold in everything, the others find what npm has cached.
const machine = checkout('a clone [in a path] with spaces')
const home = join(machine.folder, '../home')
afterAll(machine.remove)

const quickTest = ['npm', 'test', '--', 'test/setup/node.test.ts']

test('given only Node and npm, when npm test runs in a fresh clone, then it sets up everything and passes', async () => {
  const { ended, output } = machine.run(quickTest)
  expect(await ended, output()).toMatchObject({ code: 0 })
  expect(output()).toMatch(/tests: \d+ passed, 0 failed/)
})

test('given a clone that is set up, when npm test runs again, then set-up is silent and takes no time', async () => {
  const { ended, output } = machine.run(quickTest)
  const { code, ms } = await ended
  expect(code, output()).toBe(0)
  expect(output()).not.toContain('[setup]')
  expect(ms).toBeLessThan(5000)
})

test('given a clone that is set up, when a tracked file is looked for, then set-up has changed none', async () => {
  const { ended, output } = machine.run(['git', 'status', '--porcelain'])
  expect(await ended).toMatchObject({ code: 0 })
  expect(output()).toBe('')
})

test.runIf(canGoOffline)(
  'given no network, when what was installed and built is deleted, then set-up builds it again',
  async () => {
    for (const gone of ['node_modules', 'packages/endpoint/dist', 'packages/endpoint/node_modules']) {
      rmSync(join(machine.folder, gone), { recursive: true, force: true })
    }
    const { ended, output } = machine.run(quickTest, { offline: true })
    expect(await ended, output()).toMatchObject({ code: 0 })
  },
)

test.runIf(canGoOffline)(
  'given no network, when a fresh clone is set up, then it fails soon and says what it could not fetch',
  async () => {
    const { run, remove, folder } = checkout()
    onTestFinished(remove)
    const { ended, output } = run(quickTest, { offline: true })
    const { code, ms } = await ended
    expect(code).toBe(1)
    expect(output()).toMatch(/\[setup\] fetching \S+ failed \(exit 1\)/)
    expect(ms).toBeLessThan(60_000)
    expect(readdirSync(join(folder, '.cache')).filter((entry) => !entry.startsWith('tmp-'))).toEqual([])
  },
)

test('given a started package, when it is installed, then it keeps the law, compiles and passes its test', async () => {
  const exec = ['npm', 'run', 'exec', '--']
  const commands = [
    [...exec, 'node', 'scripts/new-package.ts', 'discovery-paper', 'Instances from a sheet of paper.'],
    ['npm', 'run', 'pnpm', '--', 'install', '--no-frozen-lockfile'],
    ['npm', 'run', 'check', '--', 'surface', '--update', 'discovery-paper'],
    ['npm', 'run', 'check', '--', 'surface', 'discovery-paper'],
    ['npm', 'run', 'check', '--', 'packages', 'discovery-paper'],
    [...exec, 'biome', 'check', 'packages/discovery-paper', 'tsconfig.json'],
    ['npm', 'test', '--', 'packages/discovery-paper'],
  ]
  for (const command of commands) {
    const { ended, output } = machine.run(command)
    expect(await ended, output()).toMatchObject({ code: 0 })
  }
})

test('given two runs at once in a fresh clone, when both end, then one has set up and the other has waited', async () => {
  const { run, remove } = checkout('clone', home)
  onTestFinished(remove)
  const runs = [run(quickTest), run(quickTest)]
  for (const { ended, output } of runs) expect(await ended, output()).toMatchObject({ code: 0 })
  const outputs = runs.map(({ output }) => output())
  expect(outputs.filter((output) => output.includes('waiting for it'))).toHaveLength(1)
  expect(outputs.filter((output) => output.includes('installing packages'))).toHaveLength(1)
})

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'given a download that %s interrupts, when npm test runs again, then it passes and no draft is left',
  async (signal) => {
    const { run, remove, folder } = checkout('clone', home)
    onTestFinished(remove)
    const cache = join(folder, '.cache')
    const first = run(quickTest)
    await expect
      .poll(() => existsSync(cache) && readdirSync(cache).some((entry) => entry.startsWith('tmp-')), {
        timeout: 20_000,
        interval: 5,
      })
      .toBe(true)
    process.kill(-(first.child.pid ?? 0), signal) // the whole group, as a terminal does
    expect((await first.ended).code).not.toBe(0)

    const second = run(quickTest)
    expect(await second.ended, second.output()).toMatchObject({ code: 0 })
    expect(readdirSync(cache).filter((entry) => entry.startsWith('tmp-'))).toEqual([])
  },
)

test('given SIGTERM to npm alone in mid set-up, when it ends, then nothing of set-up runs on', async () => {
  const { run, remove, folder } = checkout('clone', home)
  onTestFinished(remove)
  const { child, ended, output } = run(['npm', 'test'])
  await expect.poll(output, { timeout: 20_000, interval: 5 }).toContain('[setup] fetching')
  child.kill('SIGTERM')
  await ended // the pipes close only when the last process that holds them has ended
  const draft = () => readdirSync(join(folder, '.cache')).join()
  const left = draft()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(draft()).toBe(left)
})
