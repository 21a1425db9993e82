// Measures subjects side by side. A round starts a fresh process for each and warms it up; then all take turns of some
// milliseconds, in random order, again and again. A shared machine is fast and slow by turns of a second or more: what
// stands in one cycle of turns has seen the same machine, so ratios are taken within a cycle.
import { extname, join } from 'node:path'
import { type Isolated, isolated } from './isolated.ts'
import { median, shuffled } from './statistics.ts'
import type { Progress } from './suite.ts'
import type { Task } from './task.ts'

/** How long and how often. Milliseconds. */
export interface Pace {
  readonly rounds: number
  readonly warmUp: number
  /** Turns of a subject in a round, and how long each is. */
  readonly turns: number
  readonly time: number
}

export interface Measured {
  /** Calls in a batch. */
  readonly calls: number
  /** Nanoseconds per call, turn by turn. */
  readonly turns: number[]
  /** Bytes of heap per call. */
  bytes: number
}

export interface Findings {
  /** By the name of the subject, round by round. */
  readonly rounds: ReadonlyMap<string, readonly Measured[]>
  /** What is wrong with a subject; it is left out from there on. */
  readonly wrong: ReadonlyMap<string, string>
}

export interface Asked {
  readonly name: string
  readonly subject: string
  readonly pace: Pace
}

export interface Conduct {
  readonly suite: string
  readonly random: () => number
  readonly signal: AbortSignal
  readonly progress: Progress
}

const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`)

type Child = Isolated<Task, number>

/** How many steps it is to measure these. */
export const stepsOf = (all: readonly Asked[]): number =>
  all.reduce((sum, { pace }) => sum + pace.rounds * (1 + pace.turns), 0)

/** Runs all rounds. An interrupted one keeps what it has. */
export async function measure(all: readonly Asked[], conduct: Conduct): Promise<Findings> {
  const { random, signal, progress } = conduct
  const rounds = new Map<string, Measured[]>(all.map(({ name }) => [name, []]))
  const wrong = new Map<string, string>()
  const most = Math.max(...all.map(({ pace }) => pace.rounds))
  const total = stepsOf(all)
  let done = 0
  for (let round = 1; round <= most && !signal.aborted; round++) {
    const processes: Child[] = []
    const ready: (Asked & { process: Child; measured: Measured })[] = []
    /** What the process answers, or `undefined` when something is wrong with it or the user had enough. */
    const value = async ({ name, subject }: Asked, process: Child, task: Task): Promise<number | undefined> => {
      if (signal.aborted || wrong.has(name)) return undefined
      if (task.ask !== 'heap') progress.step(done++, total, `round ${round} of ${most}: ${subject}`)
      const answer = await process.ask(task, task.ask === 'prepare' ? task.warmUp : task.ask === 'turn' ? task.time : 0)
      if ('value' in answer) return answer.value
      if (!signal.aborted) wrong.set(name, answer.wrong)
      return undefined
    }
    try {
      for (const each of shuffled(
        all.filter(({ pace }) => pace.rounds >= round),
        random,
      )) {
        const process = isolated<Task, number>({ file }, signal)
        processes.push(process)
        const { warmUp } = each.pace
        const calls = await value(each, process, { ask: 'prepare', suite: conduct.suite, subject: each.name, warmUp })
        if (calls !== undefined) ready.push({ ...each, process, measured: { calls, turns: [], bytes: Number.NaN } })
      }
      for (let turn = 0; ready.some(({ pace }) => pace.turns > turn) && !signal.aborted; turn++) {
        const due = ready.filter(({ pace }) => pace.turns > turn)
        for (const each of shuffled(due, random)) {
          const ns = await value(each, each.process, { ask: 'turn', time: each.pace.time })
          if (ns !== undefined) each.measured.turns.push(ns)
        }
      }
      for (const each of ready) {
        const { name, process, measured } = each
        measured.bytes = (await value(each, process, { ask: 'heap' })) ?? measured.bytes
        if (measured.turns.length > 0) rounds.get(name)?.push(measured)
      }
    } finally {
      await Promise.all(processes.map((process) => process.end()))
    }
  }
  return { rounds, wrong }
}

/** Round by round, how many times as long one takes as the other: the median over the cycles that both have part in. */
export function ratios(of: readonly Measured[], over: readonly Measured[]): number[] {
  return of.slice(0, over.length).map(({ turns }, round) => {
    const others = over[round]?.turns ?? []
    return median(turns.slice(0, others.length).map((ns, turn) => ns / (others[turn] as number)))
  })
}
