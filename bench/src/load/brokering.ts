// The process that starts what stands between servers and clients of a suite, so that it keeps to its core.
import { answers } from '../harness/answers.ts'
import { suites } from '../suites.ts'
import { type Broker, partsOf } from './parts.ts'
import type { BrokeringTask } from './tasks.ts'

let broker: Broker | undefined

answers(async (task: BrokeringTask): Promise<number> => {
  if (task.ask === 'start') broker = await partsOf(suites, task.suite).broker?.()
  else await broker?.[Symbol.asyncDispose]()
  return broker?.port ?? 0
})
