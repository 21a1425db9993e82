// Between a registry's watch and those who listen: flapping instances are one change, and a set that becomes empty all
// at once may be a mistake of the registry.
import { type Clock, systemClock, type Timer } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import { type Instance, sameSet } from './instance.ts'

/** How much of a registry's unrest reaches those who listen. */
export interface Steadiness {
  /**
   * Milliseconds that must lie between two changes. The first is told at once; those that come sooner after it are told
   * as one, the last of them, and not at all when everything is as it was. Default 0: each is told.
   */
  readonly coalesce?: number | undefined
  /**
   * Milliseconds that the last set is kept when the registry says that there is none any more, with an error beside it.
   * Then it is told that there is none. Default 0: it is told at once.
   */
  readonly protectEmpty?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** Where sets and errors go. */
interface Target {
  set(instances: readonly Instance[], error?: unknown): void
  fail(error: unknown): void
}

/** @throws TypeError or RangeError on a bad option. */
export function steadyOptions(where: string, { coalesce = 0, protectEmpty = 0 }: Steadiness): void {
  numberOption(where, 'coalesce', coalesce, { min: 0, unit: 'milliseconds' })
  numberOption(where, 'protectEmpty', protectEmpty, { min: 0, unit: 'milliseconds' })
}

/** A target that passes on to another what these options let through. `stop` ends its timers. */
export function steady(options: Steadiness, to: Target): Target & { stop(): void } {
  const { coalesce = 0, protectEmpty = 0, clock = systemClock } = options
  let told: readonly Instance[] | undefined
  /** When the next change may be told. */
  let quiet = Number.NEGATIVE_INFINITY
  let held: readonly Instance[] | undefined
  /** What is told beside the set that is held. */
  let beside: unknown
  let release: Timer | undefined
  /** When the empty set will be believed. */
  let believed: number | undefined
  let disbelief: Timer | undefined

  function tell(instances: readonly Instance[], error: unknown): void {
    if (told === undefined || !sameSet(told, instances)) quiet = clock.now() + coalesce
    told = instances
    drop()
    to.set(instances, error)
  }

  function drop(): void {
    held = undefined
    release?.cancel()
    release = undefined
  }

  const flush = (): void => {
    if (held !== undefined) tell(held, beside)
  }

  /** Is it one of the sets that are not to be believed yet? */
  function doubtful(instances: readonly Instance[]): boolean {
    disbelief?.cancel()
    disbelief = undefined
    const now = clock.now()
    const kept = held ?? told
    if (instances.length > 0 || kept === undefined || kept.length === 0) believed = undefined
    else believed ??= now + protectEmpty
    return believed !== undefined && now < believed
  }

  return {
    set(instances, error) {
      if (protectEmpty > 0 && doubtful(instances)) {
        const until = believed as number
        disbelief = clock.at(until, () => tell(instances, error))
        flush()
        to.fail(new Error(`the registry knows of no instance any more: the last ones are kept for ${protectEmpty} ms`))
      } else if (coalesce === 0 || clock.now() >= quiet || (told !== undefined && sameSet(told, instances)))
        tell(instances, error)
      else {
        held = instances
        beside = error
        release ??= clock.at(quiet, flush)
      }
    },
    fail(error) {
      flush()
      // What cannot be asked cannot be believed either; how long it has said so still counts.
      disbelief?.cancel()
      disbelief = undefined
      to.fail(error)
    },
    stop() {
      drop()
      disbelief?.cancel()
    },
  }
}
