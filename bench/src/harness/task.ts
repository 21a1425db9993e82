// What a parent asks of the process that times a subject, and what it gets back.
import type { Timing } from './stopwatch.ts'

export interface Task {
  readonly suite: string
  readonly subject: string
  /** Milliseconds. */
  readonly warmUp: number
  readonly time: number
}

export type Answer = { readonly timing: Timing } | { readonly wrong: string }
