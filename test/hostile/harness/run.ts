// Runs attacks, one or several at once, and says of each what its sender got and what must not have happened.
import type { Attack, Got, Scale, Target } from './attack.ts'
import type { Seen, Stage } from './stage.ts'

/** What came of attacks that ran together. */
export interface Outcome extends Seen {
  readonly each: readonly Single[]
}

export interface Single {
  readonly attack: Attack
  /** What the sender got, in words. */
  readonly got: string
  /** What the server must have told of it. */
  readonly told: Got['told']
  readonly wrong: readonly string[]
}

const mega = 1_048_576
/** Megabytes that a process may hold more after an attack: what it has compiled and cached on the way. */
const kept = 12
/** Megabytes at the peak where an attack does not say: garbage of many requests, mostly. */
const usualPeak = 128
/** Milliseconds in which others must be answered, on any machine. */
const patience = 10_000

/** Runs them at once. What is wrong for others or with memory stands with the outcome, the rest with each. */
export async function run(attacks: readonly Attack[], stage: Stage, scale: Scale): Promise<Outcome> {
  const target: Target = {
    port: stage.port,
    scale,
    ask: stage.ask,
    by: (quick, full) => (scale === 'quick' ? quick : full),
  }
  const each: Single[] = []
  const seen = await stage.watch(async () => {
    await Promise.all(
      attacks.map(async (attack) => {
        try {
          const got = await attack.run(target)
          const { gets, told } = typeof got === 'string' ? { gets: got, told: {} } : got
          each.push({ attack, got: gets, told, wrong: [] })
        } catch (cause) {
          each.push({ attack, got: '', told: {}, wrong: [`the other side ${String((cause as Error).message)}`] })
        }
      }),
    )
  })
  // What an attack that went wrong should have told is not known.
  const silent = each.some(({ wrong }) => wrong.length > 0) ? [] : unheard(each, seen.told)
  return { ...seen, each, wrong: [...seen.wrong, ...silent, ...judged(attacks, seen, scale)] }
}

/** What the operator must have heard, and has not; defects that nobody provoked. */
function unheard(each: readonly Single[], told: Seen['told']): string[] {
  const due: Record<string, number> = { defect: 0 }
  for (const one of each) for (const [what, times] of Object.entries(one.told)) due[what] = (due[what] ?? 0) + times
  return Object.entries(due).flatMap(([what, times]) => {
    const heard = told[what] ?? 0
    const exact = what === 'heard' || what === 'defect'
    return heard < times || (exact && heard > times)
      ? [`the operator heard "${what}" ${heard} times and not ${times}`]
      : []
  })
}

function judged(attacks: readonly Attack[], { felt, measured }: Seen, scale: Scale): string[] {
  const wrong: string[] = []
  for (const [kind, times] of Object.entries(felt.failed))
    if (!attacks.some(({ others }) => others?.may.test(kind))) wrong.push(`others got ${kind}, ${times} times`)
  if (felt.max > patience) wrong.push(`others waited ${Math.round(felt.max)} ms`)
  const more = (measured.after.heap - measured.before.heap) / mega
  if (more > kept) wrong.push(`${more.toFixed(1)} MB were kept`)
  const peak = (measured.peak - measured.before.rss) / mega
  const allowed = Math.max(...attacks.map(({ peak = usualPeak }) => (typeof peak === 'number' ? peak : peak[scale])))
  if (peak > allowed) wrong.push(`it took ${Math.round(peak)} MB at its peak`)
  return wrong
}
