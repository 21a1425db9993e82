// Where the time of a request goes: puts servers of a suite under load and prints, layer by layer, the microseconds of CPU
// that each spends for one. With --publish it is what the documents show of that suite, too.
// npm run exec -- node bench/dist/load/profile.js http nested,small,get raw tenon tenon-red
import { writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { profileAt } from '../harness/document.ts'
import { type Isolated, isolated } from '../harness/isolated.ts'
import { machine } from '../harness/machine.ts'
import { grid } from '../harness/markdown.ts'
import { suites } from '../suites.ts'
import { withBroker } from './broker.ts'
import { type Layer, type Layers, layers } from './layers.ts'
import { atOnce, cores } from './paces.ts'
import { type Exchange, type Load, type Parts, partsOf, type ServerSubject } from './parts.ts'
import type { Driven } from './tally.ts'
import type { ServingTask, Usage } from './tasks.ts'

/** Milliseconds of each exchange before it counts, and of a turn; how many turns. */
const warmUp = 800
const time = 300
const turns = 20

interface Alive {
  readonly server: ServerSubject
  readonly port: number
  readonly process: Isolated<ServingTask, Usage>
}

/** What one turn took. */
interface Turn {
  readonly answers: number
  readonly layers: Layers
}

const file = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)

async function asked<T extends object, V>(process: Isolated<T, V>, task: T, time?: number): Promise<V> {
  const answer = await process.ask(task, time)
  if ('wrong' in answer) throw new Error(answer.wrong)
  return answer.value
}

function named<A extends { readonly name: string }>(what: string, all: readonly A[], names: readonly string[]): A[] {
  if (names.length === 0) throw new Error(`no ${what} is named: ${all.map((each) => each.name).join(', ')}`)
  return names.map((name) => {
    const found = all.find((each) => each.name === name)
    if (found === undefined) throw new Error(`no ${what} "${name}": ${all.map((each) => each.name).join(', ')}`)
    return found
  })
}

/** Profiles servers, in turns, and answers with a table for each exchange. */
async function profiled(
  parts: Parts,
  exchanges: readonly Exchange[],
  servers: readonly ServerSubject[],
  broker: number | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const loader = isolated<Load, Driven>({ file: file('loading'), core: cores.other }, signal)
  const alive: Alive[] = []
  const processes: { end(): Promise<void> }[] = [loader]
  const load = ({ server, port }: Alive, { name }: Exchange, time: number): Promise<Driven> =>
    asked(loader, { suite: parts.name, server: server.name, port, exchange: name, atOnce, ramp: 0, time }, time)
  const turnOf = async (subject: Alive, exchange: Exchange): Promise<Turn> => {
    await asked(subject.process, { ask: 'profile' })
    const { answers } = await load(subject, exchange, time)
    const { layers } = await asked(subject.process, { ask: 'profile' })
    if (layers === undefined) throw new Error(`no profile of "${subject.server.name}"`)
    return { answers, layers }
  }
  try {
    for (const server of servers) {
      const process = isolated<ServingTask, Usage>({ file: file('serving'), core: cores.subject }, signal)
      processes.push(process)
      const task = { suite: parts.name, subject: server.name, broker, profiled: true }
      const { port } = await asked(process, { ask: 'start', ...task })
      const subject = { server, process, port }
      alive.push(subject)
      // All of them: what a server has once seen, its code is made for.
      for (const exchange of parts.exchanges) await load(subject, exchange, warmUp)
    }
    const tables: string[] = []
    for (const exchange of exchanges) {
      const taken = alive.map((): Turn[] => [])
      for (let turn = 0; turn < turns; turn++)
        for (const [at, subject] of alive.entries()) taken[at]?.push(await turnOf(subject, exchange))
      tables.push(tableOf(exchange, servers, taken.map(calmer)))
    }
    return tables
  } finally {
    await Promise.all(processes.map((process) => process.end()))
  }
}

const spent = ({ answers, layers: took }: Turn, which: readonly Layer[] = layers): number =>
  which.reduce((sum, layer) => sum + took[layer], 0) / answers

/** The half of the turns that took least: what else a machine has to do only ever adds. */
function calmer(all: readonly Turn[]): Turn {
  const half = all.toSorted((one, other) => spent(one) - spent(other)).slice(0, Math.ceil(all.length / 2))
  const sum = (of: (turn: Turn) => number): number => half.reduce((total, turn) => total + of(turn), 0)
  return {
    answers: sum(({ answers }) => answers),
    layers: Object.fromEntries(layers.map((layer) => [layer, sum((turn) => turn.layers[layer])])) as Layers,
  }
}

function tableOf({ title }: Exchange, servers: readonly ServerSubject[], taken: readonly Turn[]): string {
  const line = (name: string, which: readonly Layer[]): string[] => [
    name,
    ...taken.map((turn) => spent(turn, which).toFixed(1)),
  ]
  return grid(
    [`${title}: µs of CPU per request`, ...servers.map(({ subject }) => subject)],
    [...layers.map((layer) => line(layer, [layer])), line('all of it', layers)],
  )
}

/** The command that made it, and the machine. */
function caption(what: readonly string[]): string {
  const { cpu, cores, node, os } = machine()
  const command = `npm run exec -- node bench/dist/load/profile.js ${what.join(' ')}`
  return (
    `\`${command}\`, ${new Date().toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, Node ${node}, ${os}. ` +
    'CPU of the thread that serves, shared out as the samples of a CPU profile fell (every 0.2 ms; the half of the turns that took least); what V8 has inlined may count with its caller.'
  )
}

const args = process.argv.slice(2)
const what = args.filter((arg) => arg !== '--publish')
const [suite = '', exchanges = '', ...subjects] = what
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())
try {
  const parts = partsOf(suites, suite)
  const chosen = named('exchange', parts.exchanges, exchanges.split(','))
  const tables = await withBroker(parts, (broker) =>
    profiled(parts, chosen, named('server', parts.servers, subjects), broker, enough.signal),
  )
  const text = [...tables, caption(what)].join('\n\n')
  console.log(text)
  if (args.includes('--publish')) writeFileSync(profileAt(suite), `${text}\n`)
} catch (cause) {
  console.error(`profile: ${(cause as Error).message}`)
  process.exitCode = enough.signal.aborted ? 130 : 2
}
