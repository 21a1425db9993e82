// The process of one server: starts it, and says what it has cost.
// By hand, to profile: node --cpu-prof dist/http/serving.js tenon, which prints the port and ends with Ctrl-C.
import { answers } from '../harness/answers.ts'
import { servers } from './subjects.ts'

export type ServingTask =
  | { readonly ask: 'start'; readonly subject: string }
  | { readonly ask: 'usage'; readonly collect: boolean }

/** A port, or what the process has used so far. */
export interface Usage {
  readonly port: number
  /** Microseconds of CPU, user and system. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  readonly heap: number
}

let port = 0

async function start(name: string): Promise<number> {
  const found = servers.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no server "${name}"`)
  const serve = await found.load()
  return (await serve()).port
}

async function work(task: ServingTask): Promise<Usage> {
  if (task.ask === 'start') port = await start(task.subject)
  else if (task.collect) {
    // Twice: the first run of the collector finalizes, the second frees.
    gc?.()
    gc?.()
  }
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { port, cpu: user + system, rss, heap: heapUsed }
}

if (process.send === undefined) {
  console.log(await start(process.argv[2] ?? ''))
  process.on('SIGINT', () => process.exit(0))
} else answers(work)
