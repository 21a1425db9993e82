// The process of one server: starts it, and says what it has cost.
// By hand, to profile: node --cpu-prof dist/load/serving.js http tenon, which prints the port and ends with Ctrl-C.

import { answers } from '../harness/answers.ts'
import { suites } from '../suites.ts'
import { partsOf } from './parts.ts'
import type { ServingTask, Usage } from './tasks.ts'

let port = 0

async function start(suite: string, name: string, broker?: number): Promise<number> {
  const found = partsOf(suites, suite).servers.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no server "${name}"`)
  const serve = await found.load()
  return (await serve({ subject: name, broker })).port
}

async function work(task: ServingTask): Promise<Usage> {
  if (task.ask === 'start') port = await start(task.suite, task.subject, task.broker)
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
  const [suite = '', subject = '', broker] = process.argv.slice(2)
  console.log(await start(suite, subject, broker === undefined ? undefined : Number(broker)))
  process.on('SIGINT', () => process.exit(0))
} else answers(work)
