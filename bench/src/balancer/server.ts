// A simulated instance: some workers, one queue, first come first served. What it answers, and when, is known when a job
// comes; whoever calls gives up at the deadline, and what could only be begun after that is not begun.
import { type Endpoint, endpoint, type Fail, type Failure, fail, type Ok, ok } from '@tenon/endpoint'
import type { Timeline } from '../simulator/timeline.ts'

/** How an instance is: so many times slower than it should be, failing at once, or never answering. */
export type Health = { readonly slower: number } | 'fails' | 'hangs'

/** One call, as the servers see it. */
export interface Job {
  readonly key: string
  /** Milliseconds of work for a healthy worker. */
  readonly demand: number
  /** It counts: the warm-up is over. */
  readonly counts: boolean
  /** The call as a whole, whose end the timeline waits for. */
  call: Promise<unknown> | undefined
}

export type Unanswered = Failure<'Unanswered', 'unavailable' | 'deadline_exceeded'>

export interface Server {
  readonly endpoint: Endpoint<Job, void, Unanswered>
  /** Jobs that came, of those that count. */
  readonly jobs: () => number
  /** When it would be done with a job of average demand, `Infinity` when it would not. For those who know everything. */
  readonly expected: (demand: number) => number
}

export interface ServerOptions {
  readonly workers: number
  /** Milliseconds that a caller waits. */
  readonly deadline: number
  readonly health: (at: number) => Health
}

/** Milliseconds that it takes to fail at once. */
const instantly = 1

const unanswered = (code: Unanswered['code']): Fail<Unanswered> => fail({ _tag: 'Unanswered', code, message: code })
const late = unanswered('deadline_exceeded')

/** When the caller hears, and what. */
interface Answer {
  readonly at: number
  readonly outcome: Ok<void> | Fail<Unanswered>
}

/** A server on this timeline. */
export function server({ clock, plan }: Timeline, { workers, deadline, health }: ServerOptions): Server {
  /** When each worker is done with what it has. */
  const free: number[] = new Array(workers).fill(0)
  let jobs = 0

  const soonest = (): number => free.indexOf(Math.min(...free))

  function accept(demand: number, now: number): Answer {
    const state = health(now)
    if (state === 'fails') return { at: now + instantly, outcome: unanswered('unavailable') }
    const worker = soonest()
    const begins = Math.max(now, free[worker] as number)
    if (state === 'hangs' || begins >= now + deadline) return { at: now + deadline, outcome: late }
    const done = begins + demand * state.slower
    free[worker] = done
    return done > now + deadline ? { at: now + deadline, outcome: late } : { at: done, outcome: ok() }
  }

  return {
    endpoint: endpoint((job: Job) => {
      if (job.counts) jobs++
      const { at, outcome } = accept(job.demand, clock.now())
      return new Promise<Answer['outcome']>((resolve) =>
        plan(at, () => {
          resolve(outcome)
          return job.call
        }),
      )
    }),
    jobs: () => jobs,
    expected(demand) {
      const now = clock.now()
      const state = health(now)
      if (typeof state === 'string') return Number.POSITIVE_INFINITY
      return Math.max(now, free[soonest()] as number) + demand * state.slower
    },
  }
}
