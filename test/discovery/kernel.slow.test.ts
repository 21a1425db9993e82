// Real packets that are lost, in a network of its own: TCP waits longer and longer before it sends again.
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { needs } from '@tenon/example-registries'
import { describe, expect, it } from 'vitest'
import { backends } from './harness/backends.ts'

const isolated = ['-r', '-n', process.execPath, fileURLToPath(new URL('harness/isolated.ts', import.meta.url))]
/** Not everywhere may everybody have a network of their own. */
const possible = spawnSync('unshare', ['-r', '-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0

describe.each(backends)('given $name and a network of its own', (backend) => {
  it.runIf(possible && needs(backend.needs))(
    'when it is cut for 12 s, then the silence is told, and what changed meanwhile is seen before TCP would send it again',
    async () => {
      const { stdout } = await promisify(execFile)('unshare', [...isolated, backend.name, '12'])
      const { stale, told, fresh } = JSON.parse(stdout) as { stale: boolean; told: number; fresh: number }
      expect(stale).toBe(true)
      expect(told).toBeLessThan(10_000)
      // Lost once at 3 s, and sent again 0.2, 0.4, 0.8, 1.6, 3.2, 6.4 s later: the seventh time after more than 15 s, 3 s from the healing.
      expect(fresh).toBeLessThan(3_000)
    },
  )
})
