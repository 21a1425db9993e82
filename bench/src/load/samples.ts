// What the rounds of a suite under load found: turn by turn, so that ratios can be taken within a cycle of turns.
import { median } from '../harness/statistics.ts'
import type { Driven } from './tally.ts'

/** One turn of one subject. */
export interface Sample extends Driven {
  /** Microseconds of CPU of the subject, per request. */
  readonly spent: number
}

/** Bytes, once the load is over and garbage is collected. */
export interface Memory {
  readonly rss: number
  readonly heap: number
}

const throughput = ({ perSecond }: Sample): number => perSecond

export class Samples {
  /** By scenario and subject, round by round. */
  readonly #turns = new Map<string, Sample[][]>()
  readonly memory = new Map<string, Memory[]>()
  /** What is wrong with a subject; it is left out from there on. */
  readonly wrong = new Map<string, string>()

  add(scenario: string, subject: string, round: number, sample: Sample): void {
    const key = `${scenario} ${subject}`
    const rounds = this.#turns.get(key) ?? []
    this.#turns.set(key, rounds)
    rounds[round] ??= []
    rounds[round].push(sample)
  }

  remember(subject: string, memory: Memory): void {
    const all = this.memory.get(subject) ?? []
    this.memory.set(subject, all)
    all.push(memory)
  }

  /** Those rounds in which it had turns. */
  rounds(scenario: string, subject: string): readonly (readonly Sample[])[] {
    return (this.#turns.get(`${scenario} ${subject}`) ?? []).filter((turns) => turns !== undefined)
  }

  /** Round by round, how many times what it is of one it is of the other: the median over the cycles of turns. */
  ratios(scenario: string, of: string, over: string, value: (sample: Sample) => number = throughput): number[] {
    const others = this.rounds(scenario, over)
    return this.rounds(scenario, of)
      .slice(0, others.length)
      .map((turns, round) => {
        const against = others[round] ?? []
        return median(
          turns.slice(0, against.length).map((sample, turn) => value(sample) / value(against[turn] as Sample)),
        )
      })
  }
}
