import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lock } from '../../scripts/setup/lock.mjs'

const lockModule = fileURLToPath(new URL('../../scripts/setup/lock.mjs', import.meta.url))
const subject = (name: string): string => `${name} ${process.pid} ${Math.random()}`
const nothing = (): void => {}

test('given a held lock, when another run wants it, then it is told to wait and goes on after the release', async () => {
  const name = subject('release')
  const events: string[] = []
  const release = await lock(name, nothing)
  const second = lock(name, () => events.push('waits')).then((free) => {
    events.push('goes on')
    free()
  })
  await expect.poll(() => events).toEqual(['waits'])
  release()
  await second
  expect(events).toEqual(['waits', 'goes on'])
})

test('given locks on two checkouts, when both are wanted, then neither waits', async () => {
  const told = () => expect.unreachable('nobody else holds it')
  const [one, two] = [await lock(subject('one'), told), await lock(subject('two'), told)]
  one()
  two()
})

test('given a holder that is killed, when another run waits, then it goes on', async () => {
  const name = subject('killed')
  const code = `
    import { lock } from ${JSON.stringify(lockModule)}
    await lock(${JSON.stringify(name)}, () => {})
    console.log('held')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  let waited = false
  const next = lock(name, () => {
    waited = true
    holder.kill('SIGKILL')
  })
  ;(await next)()
  expect(waited).toBe(true)
})
