// The process of one client: as many calls at once as there are connections, the next one as soon as one is answered.
import { answers } from '../harness/answers.ts'
import type { Load } from './loader.ts'
import { clients } from './subjects.ts'
import { type Driven, Tally } from './tally.ts'

export interface Calling extends Omit<Load, 'exchange'> {
  /** The name of the client. */
  readonly subject: string
}

async function drive({ subject, port, connections, ramp, time }: Calling): Promise<Driven> {
  const found = clients.find(({ name }) => name === subject)
  if (found === undefined) throw new Error(`no client "${subject}"`)
  const caller = (await found.load())(port, connections)
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
    await Promise.all(Array.from({ length: connections }, line))
    return tally.result()
  } finally {
    await caller.close()
  }
}

answers(drive)
