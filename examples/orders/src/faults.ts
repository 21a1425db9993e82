// What goes wrong, and when: a bad time for one instance, crashes, deployments. Shares of the whole run, so that a short run
// sees all of it.
import type { Member } from './fleet.ts'
import type { NatsServer } from './nats-server.ts'
import type { ShopRegistry } from './registry.ts'
import type { Restartable } from './restartable.ts'

export interface Fault {
  /** When, as a share of the run, 0..1. */
  readonly at: number
  readonly what: string
  readonly happen: () => void | Promise<void>
}

/** What faults happen to. */
export interface Victims {
  readonly inventory: readonly [Member, Member, Member]
  readonly payments: Restartable
  /** Where events are kept meanwhile. */
  readonly mailer: Restartable | undefined
  /** Where it is ours. */
  readonly nats: NatsServer | undefined
  readonly registry: ShopRegistry
}

/** The schedule for these, in order of time. */
export const schedule = ({
  inventory: [first, second, third],
  payments,
  mailer,
  nats,
  registry,
}: Victims): readonly Fault[] => [
  {
    at: 0.12,
    what: `${third.name} has a bad time: it refuses 60 % of its calls`,
    happen() {
      third.flakiness.refused = 0.6
      third.flakiness.late = 0.05
    },
  },
  ...(registry.own === undefined
    ? []
    : [
        {
          at: 0.2,
          what: `${registry.own.name} is killed: who was known stays known`,
          happen: registry.own.kill,
        },
        {
          at: 0.26,
          what: `${registry.own.name} is back and knows nobody: the instances register again`,
          happen: registry.own.start,
        },
      ]),
  {
    at: 0.3,
    what: `${third.name} is well again`,
    happen() {
      third.flakiness.refused = 0
      third.flakiness.late = 0
    },
  },
  ...(mailer === undefined
    ? []
    : [
        { at: 0.34, what: 'the mailer stops; its events are kept', happen: () => mailer.drain() },
        { at: 0.4, what: 'the mailer is back, and catches up', happen: () => mailer.start() },
      ]),
  { at: 0.42, what: `${second.name} is killed; the registry does not know yet`, happen: () => second.kill() },
  ...(registry.notices
    ? []
    : [{ at: 0.52, what: `the registry notices that ${second.name} is gone`, happen: () => second.evict() }]),
  { at: 0.6, what: `${second.name} is started again, on another port`, happen: () => second.start() },
  { at: 0.64, what: 'payments is killed: orders wait, and what cannot is undone', happen: () => payments.kill() },
  { at: 0.68, what: 'payments is back', happen: () => payments.start() },
  { at: 0.74, what: `${first.name} is deployed anew: deregisters, drains, stops`, happen: () => first.retire() },
  { at: 0.84, what: `${first.name} is back`, happen: () => first.start() },
  ...(nats === undefined
    ? []
    : [
        { at: 0.88, what: 'the nats-server is killed', happen: () => nats.kill() },
        { at: 0.91, what: 'the nats-server is back, with what it kept', happen: () => nats.start() },
      ]),
]
