import { delimiter } from 'node:path'
import { expect, test } from 'vitest'
import { cleanEnv, run, start } from '../../scripts/setup/child.mjs'

test("given an outer npm's variables, when a child is started, then they are gone and the user's settings are kept", () => {
  const outer = {
    npm_lifecycle_event: 'test',
    npm_package_name: 'x',
    npm_execpath: '/npm',
    INIT_CWD: '/',
    HOME: '/root',
  }
  const settings = { npm_config_registry: 'theirs', npm_config_user_agent: 'npm/11', npm_config_local_prefix: '/work' }
  expect(cleanEnv(['/tools'], { ...outer, ...settings, PATH: '/bin' })).toEqual({
    HOME: '/root',
    npm_config_registry: 'theirs',
    PATH: `/tools${delimiter}/bin`,
  })
})

test('given a step that fails, when it ends, then the error says which one, how it ended and what it printed', async () => {
  const failing = run('packing', process.execPath, ['-e', 'console.log("no space"); process.exit(3)'])
  await expect(failing).rejects.toThrow('packing failed (exit 3)\nno space')
})

test('given a step that a signal stops, when it ends, then the error carries the signal', async () => {
  const killed = run('packing', process.execPath, ['-e', 'process.kill(process.pid, "SIGTERM")'])
  await expect(killed).rejects.toMatchObject({ message: 'packing failed (SIGTERM)', signal: 'SIGTERM' })
})

test('given a command that does not exist, when it is started, then the error names it', async () => {
  await expect(start('no-such-command', [], {})).rejects.toThrow(/^cannot start no-such-command: .*ENOENT/)
})
