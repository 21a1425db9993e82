// Measures the clients: each in a process of its own on the subject's core, the servers that they call (one at a time, and
// with time to spare) on the other.
import { extname, join } from 'node:path'
import { type Isolated, isolated } from '../harness/isolated.ts'
import { shuffled } from '../harness/statistics.ts'
import type { Conduct } from './conduct.ts'
import { cores } from './paces.ts'
import type { Calls, ClientSubject } from './parts.ts'
import type { Driven } from './tally.ts'
import type { Calling, ServingTask, Usage } from './tasks.ts'

const file = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)

/** One round, in fresh processes. */
export async function callRound({ name: calls, clients }: Calls, round: number, conduct: Conduct): Promise<void> {
  const { parts, broker, samples, pace, random, signal } = conduct
  const serverOf = ({ server = (parts.servers[0] as { name: string }).name }: ClientSubject): string => server
  const ports = new Map<string, number>()
  const callers = new Map<ClientSubject, Isolated<Calling, Driven>>()
  const processes: { end(): Promise<void> }[] = []
  const goes = ({ name }: ClientSubject): boolean => !signal.aborted && !samples.wrong.has(name)

  const drive = async (client: ClientSubject, ramp: number, time: number): Promise<Driven | undefined> => {
    const caller = callers.get(client) as Isolated<Calling, Driven>
    const server = serverOf(client)
    const port = ports.get(server) as number
    const task = { suite: parts.name, calls, client: client.name, server, port, ramp, time }
    const driven = await caller.ask(task, ramp + time)
    if ('value' in driven) return driven.value
    conduct.fail(client.name, driven.wrong)
    return undefined
  }

  try {
    for (const subject of new Set(clients.map(serverOf))) {
      const server = isolated<ServingTask, Usage>({ file: file('serving'), core: cores.other }, signal)
      processes.push(server)
      const started = await server.ask({ ask: 'start', suite: parts.name, subject, broker })
      if ('value' in started) ports.set(subject, started.value.port)
      else for (const client of clients) if (serverOf(client) === subject) conduct.fail(client.name, started.wrong)
    }
    for (const client of clients.filter(goes)) {
      const caller = isolated<Calling, Driven>({ file: file('calling'), core: cores.subject }, signal)
      callers.set(client, caller)
      processes.push(caller)
    }
    for (let turn = -1; turn < pace.turns; turn++)
      for (const client of shuffled(clients, random)) {
        if (!goes(client)) continue
        conduct.step(`round ${round + 1}: ${calls}, ${client.subject}`)
        const driven = turn < 0 ? await drive(client, 0, pace.warmUp) : await drive(client, pace.ramp, pace.time)
        if (turn >= 0 && driven !== undefined) samples.add(calls, client.name, round, { ...driven, spent: driven.cpu })
      }
  } finally {
    await Promise.all(processes.map((process) => process.end()))
  }
}
