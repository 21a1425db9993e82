// Measures the servers: each in a process of its own, all of one round alive at once, load on one of them at a time.
import { extname, join } from 'node:path'
import { type Isolated, isolated } from '../harness/isolated.ts'
import { shuffled } from '../harness/statistics.ts'
import type { Conduct } from './conduct.ts'
import { atOnce, cores } from './paces.ts'
import type { Load, Parts, ServerSubject, Target } from './parts.ts'
import type { Driven } from './tally.ts'
import type { ServingTask, Usage } from './tasks.ts'

const file = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)

/** Which server is to answer which exchange. */
export interface Pairing {
  readonly exchange: string
  readonly server: ServerSubject
}

interface Alive {
  readonly name: string
  readonly port: number
  readonly process: Isolated<ServingTask, Usage>
}

/** One round, in fresh processes. */
export async function serveRound(pairings: readonly Pairing[], round: number, conduct: Conduct): Promise<void> {
  const { parts, broker, samples, pace, random, signal } = conduct
  const loader = isolated<Load, Driven>({ file: file('loading'), core: cores.other }, signal)
  const alive = new Map<string, Alive>()
  const processes: { end(): Promise<void> }[] = [loader]
  const servers = [...new Set(pairings.map(({ server }) => server))]
  const goes = ({ server }: Pairing): boolean => alive.has(server.name) && !samples.wrong.has(server.name)

  const load = async ({ exchange, server }: Pairing, ramp: number, time: number): Promise<Driven | undefined> => {
    const { port } = alive.get(server.name) as Alive
    const task = { suite: parts.name, server: server.name, port, exchange, atOnce, ramp, time }
    const driven = await loader.ask(task, ramp + time)
    if ('value' in driven) return driven.value
    conduct.fail(server.name, driven.wrong)
    return undefined
  }
  const usage = async ({ server }: Pairing, collect = false): Promise<Usage | undefined> => {
    const used = await (alive.get(server.name) as Alive).process.ask({ ask: 'usage', collect })
    if ('value' in used) return used.value
    conduct.fail(server.name, used.wrong)
    return undefined
  }

  try {
    for (const { name } of shuffled(servers, random)) {
      if (signal.aborted || samples.wrong.has(name)) continue
      const program = { file: file('serving'), flags: ['--expose-gc'], core: cores.subject }
      const process = isolated<ServingTask, Usage>(program, signal)
      processes.push(process)
      const started = await process.ask({ ask: 'start', suite: parts.name, subject: name, broker })
      const wrong = 'wrong' in started ? started.wrong : await proved(parts, { server: name, port: started.value.port })
      if (wrong !== undefined) conduct.fail(name, wrong)
      else if ('value' in started) alive.set(name, { name, port: started.value.port, process })
    }
    for (const pairing of shuffled(pairings, random)) {
      if (signal.aborted || !goes(pairing)) continue
      conduct.step(`round ${round + 1}: warming up ${pairing.server.subject}`)
      await load(pairing, 0, pace.warmUp)
    }
    for (let turn = 0; turn < pace.turns; turn++)
      for (const exchange of new Set(pairings.map((pairing) => pairing.exchange))) {
        const due = pairings.filter((pairing) => pairing.exchange === exchange)
        for (const pairing of shuffled(due, random)) {
          if (signal.aborted || !goes(pairing)) continue
          conduct.step(`round ${round + 1}: ${exchange}, ${pairing.server.subject}`)
          const before = await usage(pairing)
          const driven = await load(pairing, pace.ramp, pace.time)
          const after = await usage(pairing)
          if (before === undefined || driven === undefined || after === undefined) continue
          const spent = (after.cpu - before.cpu) / driven.answers
          samples.add(exchange, pairing.server.name, round, { ...driven, spent })
        }
      }
    for (const server of servers) {
      const pairing = { exchange: '', server }
      if (signal.aborted || !goes(pairing)) continue
      const used = await usage(pairing, true)
      if (used !== undefined) samples.remember(server.name, used)
    }
  } finally {
    await Promise.all(processes.map((process) => process.end()))
  }
}

/** What is wrong with a server, `undefined` when nothing is. */
async function proved({ prove }: Parts, target: Target): Promise<string | undefined> {
  try {
    await prove(target)
    return undefined
  } catch (cause) {
    return (cause as Error).message.split('\n', 1)[0]
  }
}
