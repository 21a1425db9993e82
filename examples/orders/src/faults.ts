// What goes wrong, and when: a bad time for one instance, a crash, a deployment. Shares of the whole run, so that a
// short run sees all of it.
import type { Member } from './fleet.ts'

export interface Fault {
  /** When, as a share of the run, 0..1. */
  readonly at: number
  readonly what: string
  readonly happen: () => void | Promise<void>
}

/** The schedule for these three, in order of time. */
export const schedule = ([first, second, third]: readonly [Member, Member, Member]): readonly Fault[] => [
  {
    at: 0.12,
    what: `${third.name} has a bad time: it refuses 60 % of its calls`,
    happen() {
      third.flakiness.refused = 0.6
      third.flakiness.late = 0.05
    },
  },
  {
    at: 0.3,
    what: `${third.name} is well again`,
    happen() {
      third.flakiness.refused = 0
      third.flakiness.late = 0
    },
  },
  { at: 0.42, what: `${second.name} is killed; the registry does not know yet`, happen: () => second.kill() },
  { at: 0.52, what: `the registry notices that ${second.name} is gone`, happen: () => second.evict() },
  { at: 0.6, what: `${second.name} is started again, on another port`, happen: () => second.start() },
  { at: 0.74, what: `${first.name} is deployed anew: deregisters, drains, stops`, happen: () => first.retire() },
  { at: 0.84, what: `${first.name} is back`, happen: () => first.start() },
]
