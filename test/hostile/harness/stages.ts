// The stages of a run of tests: one for each setting, used again and again.
import type { Attack, Family, Scale } from './attack.ts'
import { clientStage, grpcStage, natsStage, type Setting, type Stage, serverStage } from './stage.ts'

/** Milliseconds that a new process is called by somebody who is no attacker, before it is attacked. */
const warm: Readonly<Record<Scale, number>> = { quick: 200, full: 2_000 }

const settingOf = ({ limits, files, generation = 3 }: Attack, scale: Scale): Setting => ({
  limits: limits?.(scale) ?? {},
  generation,
  ...(files !== undefined && { files }),
})

const start = { http: serverStage, client: clientStage, grpc: grpcStage, nats: natsStage }

/** A stage of its own for an attack. */
export const stageFor = (family: Family, attack: Attack, scale: Scale): Promise<Stage> =>
  start[family.against ?? 'http'](settingOf(attack, scale), warm[scale])

/** Attacks that may share a stage and run at once. */
export interface Group {
  readonly attacks: readonly Attack[]
  /** The stage on which they run; others may run on it before and after. */
  readonly on: string
}

/** The attacks of a family in as few groups as may be. */
export function groups(family: Family, scale: Scale): readonly Group[] {
  const together = new Map<string, Attack[]>()
  const alone: Group[] = []
  for (const attack of family.attacks) {
    const on = `${family.against ?? 'http'} ${JSON.stringify(settingOf(attack, scale))}`
    if (attack.alone) alone.push({ attacks: [attack], on })
    else together.set(on, [...(together.get(on) ?? []), attack])
  }
  return [...[...together].map(([on, attacks]) => ({ attacks, on })), ...alone]
}
