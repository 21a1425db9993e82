// The process of one server: starts it, and says what it has cost.
// By hand, to profile: node --cpu-prof dist/load/serving.js http tenon, which prints the port and ends with Ctrl-C.

import { answers } from '../harness/answers.ts'
import { suites } from '../suites.ts'
import { type Layers, sampling, showJson } from './layers.ts'
import { partsOf } from './parts.ts'
import type { ServingTask, Usage } from './tasks.ts'

let port = 0
let stop: (() => Promise<Layers>) | undefined

async function start(suite: string, name: string, broker?: number): Promise<number> {
  const found = partsOf(suites, suite).servers.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no server "${name}"`)
  const serve = await found.load()
  return (await serve({ subject: name, broker })).port
}

async function profile(): Promise<Layers | undefined> {
  const layers = await stop?.()
  stop = layers === undefined ? await sampling() : undefined
  return layers
}

async function work(task: ServingTask): Promise<Usage> {
  if (task.ask === 'start') {
    if (task.profiled) showJson()
    port = await start(task.suite, task.subject, task.broker)
  } else if (task.ask === 'usage' && task.collect) {
    // Twice: the first run of the collector finalizes, the second frees.
    gc?.()
    gc?.()
  }
  const layers = task.ask === 'profile' ? await profile() : undefined
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { port, cpu: user + system, rss, heap: heapUsed, ...(layers && { layers }) }
}

if (process.send === undefined) {
  const [suite = '', subject = '', broker] = process.argv.slice(2)
  console.log(await start(suite, subject, broker === undefined ? undefined : Number(broker)))
  process.on('SIGINT', () => process.exit(0))
} else answers(work)
