// Times one subject. tinybench takes one sample per function call, between two clock readings, and keeps every sample;
// so a sample here is a batch of calls that lasts about a millisecond: the clock does not count (two readings, some
// 80 ns), a second makes a thousand samples, and what a call leaves to the garbage collector is paid inside.
import { setImmediate } from 'node:timers/promises'
import { Bench } from 'tinybench'
import { median } from './statistics.ts'
import type { Subject } from './suite.ts'

export interface Stopwatch {
  /** Calls in a batch. */
  readonly calls: number
  /** Nanoseconds per call: the median over the batches that `time` milliseconds hold. */
  turn(time: number): Promise<number>
  /** Bytes of heap per call. */
  heap(): Promise<number>
}

/** Milliseconds. */
const batchTime = 1
/** Batches and tries, however little time there is. */
const least = 5

/** Runs `subject` for `warmUp` milliseconds, and is ready to time it then. */
export async function stopwatch({ call, times = 1 }: Subject, warmUp: number): Promise<Stopwatch> {
  const calls = await warm(call, warmUp)
  return {
    calls,
    async turn(time) {
      // Others had their turn meanwhile: the caches are theirs.
      await batch(call, calls)
      const bench = new Bench({ time, iterations: least, warmup: false, throws: true })
      bench.add('subject', async () => {
        // Outside of the measured time: timers, signals and finalizers get their turn, as they do in a server.
        await setImmediate()
        const took = await batch(call, calls)
        return { overriddenDuration: took / calls, overriddenIterationCost: took }
      })
      const [task] = await bench.run()
      const result = task?.result
      if (result?.state !== 'completed') throw new Error(`tinybench gave no result but "${result?.state}"`)
      return (result.latency.p50 * 1e6) / times
    },
    heap: async () => (await heapPerCall(call)) / times,
  }
}

/** Milliseconds that `calls` calls take, one after the other. */
async function batch(call: () => unknown, calls: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < calls; i++) await call()
  return performance.now() - start
}

/** Warms up and finds out how many calls make a batch: by the fastest one, for the machine may have other things to do. */
async function warm(call: () => unknown, ms: number): Promise<number> {
  const until = performance.now() + ms
  let calls = 1
  let fastest = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < least || performance.now() < until; tries++) {
    const took = await batch(call, calls)
    fastest = Math.min(fastest, took / calls)
    if (took < batchTime / 2) calls *= 2
    await setImmediate()
  }
  return Math.max(1, Math.round(batchTime / fastest))
}

/**
 * What a call leaves behind. Not after a forced collection: that throws away optimized code whose hidden classes nobody
 * holds any more. Tries in which a collection happened by itself do not count.
 */
async function heapPerCall(call: () => unknown): Promise<number> {
  const calls = 50
  const tries: number[] = []
  for (let i = 0; i < 5 * least; i++) {
    const before = process.memoryUsage().heapUsed
    await batch(call, calls)
    const grown = process.memoryUsage().heapUsed - before
    if (grown >= 0) tries.push(grown / calls)
  }
  return median(tries)
}
