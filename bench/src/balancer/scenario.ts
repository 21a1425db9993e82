// What callers and instances do in a simulated run: the first ten seconds all is well, then what the scenario is about.
import type { Health } from './server.ts'
import { type StrategyName, subjects } from './subjects.ts'

export interface Scenario {
  /** Short: for `--filter`. */
  readonly name: string
  /** A case of the report. */
  readonly title: string
  /** Names of what is compared, the first is what the others' ratios are taken against. */
  readonly strategies: readonly StrategyName[]
  /** The health of an instance, `since` the scenario began (milliseconds; negative before). The one that it is about is number 0. */
  readonly health: (instance: number, since: number) => Health
  /** How many times the work of others an instance can do, as its weight says. Default 1. */
  readonly weight?: (instance: number) => number
  /** Number 0 comes when the scenario begins, and not before. */
  readonly joins?: boolean
  /** What is told of number 0. */
  readonly about?: string
}

/** The fleet: callers, each with a balancer of its own, and instances. */
export const fleet = {
  callers: 5,
  instances: 10,
  workers: 2,
  /** Milliseconds of work of a job on average, exponentially distributed. */
  demand: 20,
  /** The part of the capacity of all healthy instances that is asked for. */
  load: 0.6,
  /** Milliseconds that a caller waits for an answer. */
  deadline: 1_000,
  /** Different keys of calls. */
  keys: 1_000,
} as const

/** Milliseconds. */
export const settling = 10_000
export const lasting = 20_000

const well: Health = { slower: 1 }

/** Only number 0 is different, once the scenario has begun. */
const one =
  (how: (since: number) => Health): Scenario['health'] =>
  (instance, since) =>
    instance === 0 && since >= 0 ? how(since) : well

const coldFor = 20_000
const cold = 5

export const scenarios: readonly Scenario[] = [
  {
    name: 'even',
    title: 'all instances alike',
    strategies: ['roundRobin', 'random', 'leastRequests', 'p2c', 'consistentHash', 'oracle'],
    health: () => well,
  },
  {
    name: 'slow',
    title: 'one of ten is five times slower',
    about: 'the slow one',
    strategies: [
      'roundRobin',
      'random',
      'leastRequests',
      'p2c',
      'ejecting',
      'ejecting-p2c',
      'consistentHash',
      'oracle',
    ],
    health: one(() => ({ slower: 5 })),
  },
  {
    name: 'failing',
    title: 'one of ten fails at once',
    about: 'the failing one',
    strategies: ['roundRobin', 'leastRequests', 'p2c', 'ejecting', 'ejecting-p2c', 'consistentHash', 'oracle'],
    health: one(() => 'fails'),
  },
  {
    name: 'hanging',
    title: 'one of ten hangs',
    about: 'the hanging one',
    strategies: ['roundRobin', 'leastRequests', 'p2c', 'ejecting', 'ejecting-p2c', 'consistentHash', 'oracle'],
    health: one(() => 'hangs'),
  },
  {
    name: 'uneven',
    title: 'half of the instances do three times the work',
    strategies: ['roundRobin', 'weighted', 'leastRequests', 'p2c', 'oracle'],
    health: (instance) => ({ slower: instance % 2 === 0 ? 1 : 1 / 3 }),
    weight: (instance) => (instance % 2 === 0 ? 1 : 3),
  },
  {
    name: 'newcomer',
    title: 'an eleventh that comes cold, five times slower, and warms up in 20 s',
    about: 'the new one',
    strategies: ['roundRobin', 'slow-start', 'leastRequests', 'p2c', 'slow-start-p2c', 'oracle'],
    health: one((since) => ({ slower: Math.max(1, cold - ((cold - 1) * since) / coldFor) })),
    joins: true,
  },
]

/** What the filter lets through: a scenario with all its strategies, or those strategies and the first. */
export function chosenScenarios(filter: string | undefined): readonly Scenario[] {
  const text = filter?.toLowerCase() ?? ''
  const holds = (...fields: string[]): boolean => fields.some((field) => field.toLowerCase().includes(text))
  return scenarios.flatMap((scenario) => {
    if (holds(scenario.name, scenario.title)) return [scenario]
    const found = scenario.strategies.filter((name) => holds(name, subjects[name]))
    return found.length === 0
      ? []
      : [{ ...scenario, strategies: scenario.strategies.filter((name, at) => at === 0 || found.includes(name)) }]
  })
}
