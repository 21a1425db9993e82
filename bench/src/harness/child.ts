// The process in which one subject is checked and timed. Started for each round afresh, so that neither what the JIT
// learned from other subjects nor one unlucky compilation decides a comparison.
// By hand, to profile: node --cpu-prof dist/harness/child.js chain tenon 2000
import { suites } from '../suites.ts'
import { answers } from './answers.ts'
import { Refusal } from './refusal.ts'
import { type Stopwatch, stopwatch } from './stopwatch.ts'
import type { Task } from './task.ts'

async function prepared(suite: string, subject: string, warmUp: number): Promise<Stopwatch> {
  const found = await suites.find(({ name }) => name === suite)?.subject?.(subject)
  if (found === undefined) throw new Refusal(`no subject "${subject}" in the suite "${suite}"`)
  await found.check()
  return stopwatch(found, warmUp)
}

let watch: Stopwatch | undefined

async function work(task: Task): Promise<number> {
  if (task.ask === 'prepare') {
    watch = await prepared(task.suite, task.subject, task.warmUp)
    return watch.calls
  }
  if (watch === undefined) throw new Refusal('prepare comes first')
  return task.ask === 'turn' ? watch.turn(task.time) : watch.heap()
}

if (process.send === undefined) {
  const [suite = '', subject = '', time = '1000'] = process.argv.slice(2)
  const { calls, turn, heap } = await prepared(suite, subject, 300)
  console.log({ calls, ns: await turn(Number(time)), bytes: await heap() })
} else answers(work)
