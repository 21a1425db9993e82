// The process in which one subject is checked and timed. Started for each round afresh, so that neither what the JIT
// learned from other subjects nor one unlucky compilation decides a comparison.
// By hand, to profile: node --cpu-prof dist/harness/child.js chain tenon 2000
import { suites } from '../suites.ts'
import { Refusal } from './refusal.ts'
import { timing } from './stopwatch.ts'
import type { Answer, Task } from './task.ts'

async function work({ suite, subject, warmUp, time }: Task): Promise<Answer> {
  try {
    const found = await suites.find(({ name }) => name === suite)?.subject?.(subject)
    if (found === undefined) throw new Refusal(`no subject "${subject}" in the suite "${suite}"`)
    await found.check()
    return { timing: await timing(found, warmUp, time) }
  } catch (cause) {
    return { wrong: cause instanceof Error ? cause.message : String(cause) }
  }
}

if (process.send === undefined) {
  const [suite = '', subject = '', time = '1000'] = process.argv.slice(2)
  console.log(await work({ suite, subject, warmUp: 300, time: Number(time) }))
} else {
  // Ctrl-C reaches the whole group of processes; the parent decides when this one ends.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(1))
  process.once('message', async (task: Task) => {
    const answer = await work(task)
    process.send?.(answer, () => process.exit(0))
  })
}
