// What a process costs while something happens to it: memory before, at its peak and after, the time it was held, its CPU.
import { readFileSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'

/** Bytes of memory at one moment, after the garbage was collected. */
export interface Memory {
  readonly rss: number
  /** Objects, and the buffers that they hold. */
  readonly heap: number
}

/** What happened between `begin` and `end`. */
export interface Measured {
  readonly before: Memory
  readonly after: Memory
  /** Resident bytes at the most. */
  readonly peak: number
  /** Milliseconds that the event loop was held at the most. */
  readonly held: number
  /** Milliseconds of CPU. */
  readonly cpu: number
}

const collect = (globalThis as { gc?: () => void }).gc

export async function memory(): Promise<Memory> {
  // Twice, with a turn between: what finalizers let go of is garbage the second time.
  collect?.()
  await turn()
  collect?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed + external }
}

/** Linux keeps the highest resident size and forgets it when it is told. Elsewhere samples must do. */
const peakOfKernel = (): number | undefined => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024
  } catch {
    return undefined
  }
}

function forgetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}

/** Milliseconds between samples. */
const sampling = 20

export class Measures {
  #before: Memory = { rss: 0, heap: 0 }
  #highest = 0
  #exact = false
  #cpu: NodeJS.CpuUsage = process.cpuUsage()
  #sampled: NodeJS.Timeout | undefined
  readonly #loop = monitorEventLoopDelay({ resolution: 5 })
  #lastTurn = 0

  async begin(): Promise<void> {
    this.#before = await memory()
    this.#highest = this.#before.rss
    this.#exact = forgetPeak()
    this.#cpu = process.cpuUsage()
    this.#loop.reset()
    this.#loop.enable()
    this.#lastTurn = performance.now()
    clearInterval(this.#sampled)
    this.#sampled = setInterval(() => {
      this.#lastTurn = performance.now()
      if (!this.#exact) this.#highest = Math.max(this.#highest, process.memoryUsage.rss())
    }, sampling)
  }

  async end(): Promise<Measured> {
    clearInterval(this.#sampled)
    this.#loop.disable()
    const held = Math.max(this.#loop.max / 1e6, performance.now() - this.#lastTurn - sampling, 0)
    const { user, system } = process.cpuUsage(this.#cpu)
    const peak = (this.#exact ? peakOfKernel() : undefined) ?? Math.max(this.#highest, process.memoryUsage.rss())
    return { before: this.#before, after: await memory(), peak, held, cpu: (user + system) / 1_000 }
  }
}
