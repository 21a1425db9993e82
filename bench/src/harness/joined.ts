// A suite of parts that are measured in different ways, one after the other.
import { Refusal } from './refusal.ts'
import type { Findings } from './report.ts'
import type { Plan, Suite } from './suite.ts'

export interface Part {
  /** About how many seconds it takes: for the time that is left. */
  readonly takes: number
  /** Is there something of it that the filter lets through? */
  readonly holds: (filter: string) => boolean
  readonly run: (plan: Plan) => Promise<Findings>
}

/** Steps of progress: it is told in shares of the whole. */
const whole = 100

/** How the parts of a suite run. */
export interface Joining {
  /** Parts that mostly wait have their turn at once in a quick run, where figures mean little. Default: one after the other. */
  readonly quicklyAtOnce?: boolean
}

export function joined(about: Omit<Suite, 'run'>, parts: readonly Part[], joining: Joining = {}): Suite {
  return { ...about, run: (plan) => run(about.name, parts, plan, joining) }
}

async function run(
  suite: string,
  parts: readonly Part[],
  plan: Plan,
  { quicklyAtOnce = false }: Joining,
): Promise<Findings> {
  const { filter, progress, signal } = plan
  const wanted = parts.filter(({ holds }) => filter === undefined || holds(filter))
  if (wanted.length === 0) throw new Refusal(`--filter: nothing of "${suite}" contains "${filter}"`)
  if (plan.quick && quicklyAtOnce) return together(await Promise.all(wanted.map((part) => part.run(plan))), signal)
  const all = wanted.reduce((sum, { takes }) => sum + takes, 0)
  const found: Findings[] = []
  let before = 0
  for (const part of wanted) {
    if (signal.aborted) break
    const from = before
    const step = (done: number, total: number, now: string): void =>
      progress.step(Math.round((whole * (from + (part.takes * done) / total)) / all), whole, now)
    found.push(await part.run({ ...plan, progress: { step } }))
    before += part.takes
  }
  return together(found, signal)
}

/** One report of several. */
export const together = (found: readonly Findings[], signal: AbortSignal): Findings => ({
  rows: found.flatMap(({ rows }) => rows),
  targets: found.flatMap(({ targets }) => targets),
  selfChecks: found.flatMap(({ selfChecks }) => selfChecks),
  partial: signal.aborted || found.some(({ partial }) => partial),
})
