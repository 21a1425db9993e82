// The process of one client: so many calls at once, the next one as soon as one is answered.

import { answers } from '../harness/answers.ts'
import { suites } from '../suites.ts'
import { partsOf } from './parts.ts'
import { type Driven, Tally } from './tally.ts'
import type { Calling } from './tasks.ts'

async function drive({ suite, calls, client, server, port, ramp, time }: Calling): Promise<Driven> {
  const found = partsOf(suites, suite).calls.find(({ name }) => name === calls)
  const subject = found?.clients.find(({ name }) => name === client)
  if (found === undefined || subject === undefined) throw new Error(`no client "${client}" in "${calls}"`)
  const { atOnce } = found
  const caller = await (await subject.load())({ server, port }, atOnce)
  const tally = new Tally()
  let ending = false
  tally.count(ramp, time, () => {
    ending = true
  })
  const line = async (): Promise<void> => {
    let sent = performance.now()
    while (!ending) {
      await caller.call()
      sent = tally.add(sent)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, line))
    return tally.result()
  } finally {
    await caller.close()
  }
}

answers(drive)
