// One way in which a registry fails, and what is to be told of it.
import { setTimeout as pass } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import type { Scale, Stage } from './stage.ts'
import { describe, type Felt } from './watched.ts'

/** What came of it once. */
export interface Tried {
  readonly felt: Felt
  /** What callers had while it failed, in words. */
  readonly had: string
  /** Milliseconds until what was written once the registry answered was seen; one for each watch. */
  readonly fresh: readonly number[]
  /** What must not be. */
  readonly wrong: readonly string[]
}

export interface Fault {
  /** How it is called on the page. */
  readonly name: string
  /** Where it can happen. Default: everywhere. */
  readonly on?: readonly string[]
  /** What is waited for when it is over. Default: that a new instance is seen. */
  readonly until?: string
  /** Milliseconds within which 99 of 100 watches are to be fresh. Default 1,000. */
  readonly within?: number
  /** Takes more than 10 s: in `npm run test:slow`. */
  readonly slow?: boolean
  /** Failures that callers may have meanwhile, and why. Default: none. */
  readonly mayFail?: { readonly kinds: readonly string[]; readonly why: string }
  run(backend: Backend, scale: Scale): Promise<Tried>
}

export { pass }

/** What all services had, in words: that of the worst where they differ. */
export function had({ services }: Stage): string {
  const states = services.map(({ now }) => now)
  const fewest = Math.min(...states.map(({ instances }) => instances?.length ?? -1))
  const worst = states.find(({ instances }) => (instances?.length ?? -1) === fewest)
  const told = states.filter(({ error }) => error !== undefined).length
  const error =
    told === 0
      ? 'no error'
      : told === states.length
        ? 'the error beside'
        : `the error beside in ${told} of ${states.length}`
  return worst === undefined ? 'nothing' : `${describe({ ...worst, error: undefined })}, ${error}`
}

/** Services that were told of fewer instances than `least` at any time. */
export const shrunk = ({ services }: Stage, least: number): readonly string[] =>
  services
    .filter(({ told }) =>
      told.some(
        ({ instances }, at) =>
          at > 0 &&
          instances !== undefined &&
          instances.length < least &&
          told.slice(0, at).some((before) => (before.instances?.length ?? 0) >= least),
      ),
    )
    .map(({ service }) => `${service} lost instances`)

/** What callers felt that they should not have. */
export const unexpected = ({ mayFail }: Fault, { felt }: Tried): readonly string[] =>
  Object.entries(felt.failed)
    .filter(([kind]) => !mayFail?.kinds.includes(kind))
    .map(([kind, times]) => `${times} of ${felt.asked} calls failed: ${kind}`)
