// The attacks that need numbers and time, in full: a thousand drips, five thousand idle connections, ten thousand calls.
import { describe, expect, it } from 'vitest'
import { connections } from './cases/connections.ts'
import { load } from './cases/load.ts'
import { slow } from './cases/slow.ts'
import { streams } from './cases/streams.ts'
import { run } from './harness/run.ts'
import { stageFor } from './harness/stages.ts'

describe.each([slow, connections, load, streams])('given hostile input: $title', (family) => {
  it.each(family.attacks)(
    'when it is $sends, then the other side gets what it must, and nobody else feels it',
    {
      timeout: 300_000,
    },
    async (attack) => {
      await using stage = await stageFor(family, attack, 'full')
      const { each, wrong } = await run([attack], stage, 'full')
      expect([...wrong, ...each.flatMap((one) => one.wrong)]).toEqual([])
    },
  )
})
