// What a suite is: something with a name that runs by a plan and answers with findings.
import type { Findings } from './report.ts'

/** How a suite is to run, from the command line. A suite chooses its own defaults. */
export interface Plan {
  /** A smoke run: are the subjects right and the self-checks green? Its figures mean little. */
  readonly quick: boolean
  readonly rounds: number | undefined
  /** Milliseconds that each case is timed in each round. */
  readonly time: number | undefined
  /** Only cases whose name or subject contains this, in whatever case. */
  readonly filter: string | undefined
  readonly seed: number
  /** The user had enough: stop, and answer with what is finished, marked partial. */
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface Progress {
  /** `done` of `total` steps are done, and `now` is being done. */
  step(done: number, total: number, now: string): void
}

export interface Suite {
  readonly name: string
  /** One line for `--list`. */
  readonly does: string
  /** What a reader of its published figures must know, in Markdown. */
  readonly notes?: string
  run(plan: Plan): Promise<Findings>
  /** For suites made by `timed`: what a child process is to time. */
  subject?(name: string): Promise<Subject>
}

/** Something to be timed, in a process of its own. */
export interface Subject {
  /** One call; what comes back is awaited. */
  readonly call: () => unknown
  /** How often a call does what is measured, where awaiting each would cost more than the work itself. Default: once. */
  readonly times?: number
  /** Throws when a call does not do what every subject of its case must do. Runs before the timing. */
  readonly check: () => Promise<void>
}
