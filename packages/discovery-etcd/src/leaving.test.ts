// Whoever disposes is done: no timer, no connection and no request keeps the process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { etcdServer } from '@tenon/example-registries'
import { describe, expect, it } from 'vitest'
import { isThere } from '../test/etcd-server.ts'

/** A process that watches the etcd there. */
function user(url: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../test/leaving.ts', import.meta.url)), url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  const says = (word: string) => expect.poll(() => said, { timeout: 15_000, interval: 5 }).toContain(word)
  return {
    says,
    /** It leaves etcd, and is waited for until its end. */
    async leave() {
      const end = once(child, 'exit')
      child.stdin.write('\n')
      await says('disposed')
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      expect(await end).toEqual([0, null])
      clearTimeout(late)
    },
  }
}

describe.runIf(isThere)('a process that has disposed its registry', () => {
  it('given an etcd that is well, hangs since, hung from the start, or is gone, then it ends', async () => {
    await using server = await etcdServer()
    const [one, two] = [user(server.url), user(server.url)]
    await one.says('known')
    await two.says('known')
    await one.leave()
    server.stop()
    // Into the request that waits for an answer.
    await two.leave()
    const three = user(server.url)
    await three.says('error')
    await three.leave()
    server.cont()
    await server.kill()
    const four = user(server.url)
    await four.says('error')
    await four.leave()
  })
})
