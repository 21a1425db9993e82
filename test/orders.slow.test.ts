// The orders example where waits are long: a nats-server that never starts, and one that never comes back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startNats } from '../packages/transport-nats/test/nats-server.ts'
import { program } from './program.ts'

const shop = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  program('examples/orders/dist/main.js', args, { NATS_URL: '', ...env })

describe('npm start', () => {
  it('given a nats-server that does not start, then it says why, and does without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broken-'))
    try {
      writeFileSync(join(folder, 'nats-server'), '#!/bin/sh\necho no room for me >&2\n', { mode: 0o755 })
      const path = { PATH: `${folder}:${process.env.PATH}` }
      const { code, out } = await shop(['--for', '1s', '--rate', '20'], path).ended
      expect(out).toMatch(/^nats-server did not start within 5 s: no room for me: payments over the memory transport/m)
      expect(code).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)

  it.skipIf(process.env.TENON_TEST_NATS === undefined)(
    'given a NATS server that dies for good, then orders fail within their deadline, and it says that the books are open',
    async () => {
      await using own = await startNats()
      const args = ['--for', '3s', '--rate', '30', '--no-faults', '--nats-url', own?.url ?? '']
      const { child, ended } = shop(args)
      child.stdout?.on('data', (data) => {
        if (/^ +\d s/m.test(String(data))) own?.signal('SIGKILL')
      })
      const { code, out } = await ended
      expect(code).toBe(1)
      expect(out).toMatch(/^ {2}Unavailable +\d+/m)
      expect(out).toMatch(/THEY DO NOT BALANCE, and \d+ orders wait to be undone/)
    },
    60_000,
  )
})
