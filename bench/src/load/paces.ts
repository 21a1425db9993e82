// How long and how often a suite under load measures.
import type { Plan } from '../harness/suite.ts'

/** Milliseconds, and how often. */
export interface Pace {
  readonly rounds: number
  /** Of each exchange on each server, before it counts. */
  readonly warmUp: number
  /** Turns of a subject in a round. */
  readonly turns: number
  /** Of a turn: before it counts, and while it does. */
  readonly ramp: number
  readonly time: number
}

const thorough: Pace = { rounds: 5, warmUp: 400, turns: 5, ramp: 60, time: 240 }
const hasty: Pace = { rounds: 1, warmUp: 20, turns: 1, ramp: 20, time: 20 }

export function paceOf({ quick, rounds, time }: Plan): Pace {
  const pace = quick ? hasty : thorough
  return { ...pace, rounds: rounds ?? pace.rounds, time: time === undefined ? pace.time : time / pace.turns }
}

/** Requests at once. */
export const atOnce = 64

/** The subject's core, and that of what it talks to. */
export const cores = { subject: 0, other: 1 }
