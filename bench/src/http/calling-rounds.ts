// Measures the clients: each in a process of its own on the subject's core, the server (node:http by hand, which has time
// to spare) on the other.
import { extname, join } from 'node:path'
import { type Isolated, isolated } from '../harness/isolated.ts'
import { shuffled } from '../harness/statistics.ts'
import type { Calling } from './calling.ts'
import type { Conduct } from './conduct.ts'
import { connections, cores } from './paces.ts'
import type { ServingTask, Usage } from './serving.ts'
import { type ClientSubject, servers } from './subjects.ts'
import type { Driven } from './tally.ts'

const file = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)

/** The scenario's name among the samples. */
export const calling = 'calling'

/** One round, in fresh processes. */
export async function callRound(clients: readonly ClientSubject[], round: number, conduct: Conduct): Promise<void> {
  const { samples, pace, random, signal } = conduct
  const server = isolated<ServingTask, Usage>({ file: file('serving'), core: cores.other }, signal)
  const processes = new Map<ClientSubject, Isolated<Calling, Driven>>()
  try {
    const started = await server.ask({ ask: 'start', subject: (servers[0] as { name: string }).name })
    if ('wrong' in started) {
      for (const { name } of clients) conduct.fail(name, started.wrong)
      return
    }
    const { port } = started.value
    const drive = async (client: ClientSubject, ramp: number, time: number): Promise<Driven | undefined> => {
      const process = processes.get(client) as Isolated<Calling, Driven>
      const driven = await process.ask({ subject: client.name, port, connections, ramp, time }, ramp + time)
      if ('value' in driven) return driven.value
      conduct.fail(client.name, driven.wrong)
      return undefined
    }
    for (const client of clients)
      processes.set(client, isolated({ file: file('calling'), core: cores.subject }, signal))
    for (let turn = -1; turn < pace.turns; turn++)
      for (const client of shuffled(clients, random)) {
        if (signal.aborted || samples.wrong.has(client.name)) continue
        conduct.step(`round ${round + 1}: calling, ${client.subject}`)
        const driven = turn < 0 ? await drive(client, 0, pace.warmUp) : await drive(client, pace.ramp, pace.time)
        if (turn >= 0 && driven !== undefined)
          samples.add(calling, client.name, round, { ...driven, spent: driven.cpu })
      }
  } finally {
    await Promise.all([server, ...processes.values()].map((process) => process.end()))
  }
}
