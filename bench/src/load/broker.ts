// What stands between the servers and clients of a suite, in a process of its own on the core that is not the subject's.
import { extname, join } from 'node:path'
import { isolated } from '../harness/isolated.ts'
import { cores } from './paces.ts'
import type { Parts } from './parts.ts'
import type { BrokeringTask } from './tasks.ts'

const file = join(import.meta.dirname, `brokering${extname(import.meta.filename)}`)

/** Runs with the port of the suite's broker, or without where it has none; stops it whatever happens. Throws what is wrong with it. */
export async function withBroker<A>(
  { name, broker }: Parts,
  run: (port: number | undefined) => Promise<A>,
): Promise<A> {
  if (broker === undefined) return run(undefined)
  // Not the signal of the run: it has something to clean up.
  const process = isolated<BrokeringTask, number>({ file, core: cores.other }, new AbortController().signal)
  try {
    const started = await process.ask({ ask: 'start', suite: name })
    if ('wrong' in started) throw new NoBroker(started.wrong)
    return await run(started.value)
  } finally {
    await process.ask({ ask: 'stop' })
    await process.end()
  }
}

/** It cannot be had on this machine. */
export class NoBroker extends Error {}
