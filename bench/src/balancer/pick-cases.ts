// A pick of every strategy among 10 to 10,000 instances, timed.
import type { Strategy } from '@tenon/discovery'
import type { Case, RatioTarget } from '../harness/timed.ts'
import type { Keyed, MayPick } from './picking.ts'

/** Numbers of instances; the others' ratios are taken against the first. */
export const sizes = [10, 100, 1_000, 10_000] as const
export const largest = sizes[3]

interface Picked {
  readonly name: string
  readonly subject: string
  readonly make: () => Promise<Strategy<Keyed>>
  readonly mayPick?: MayPick
  readonly linear?: boolean
  /** How many times a pick among 10,000 may cost that among 10; nothing is promised of what is by hand. */
  readonly growth?: number
}

const ours = () => import('@tenon/discovery')
const byHand = () => import('./by-hand.ts')

/** A pick of O(1) costs more among many only because they are not in the processor's caches. */
const constant = 4
/** One of O(log n) takes four times the steps, and misses the caches too. */
const logarithmic = 6

const picked: readonly Picked[] = [
  { name: 'next', subject: 'by hand: nodes[turn++ % n]', make: async () => (await byHand()).next() },
  { name: 'roundRobin', subject: 'roundRobin()', make: async () => (await ours()).roundRobin(), growth: constant },
  { name: 'random', subject: 'random()', make: async () => (await ours()).random(), growth: constant },
  { name: 'weighted', subject: 'weighted()', make: async () => (await ours()).weighted(), growth: logarithmic },
  {
    name: 'leastRequests',
    subject: 'leastRequests()',
    make: async () => (await ours()).leastRequests(),
    growth: logarithmic,
  },
  { name: 'p2c', subject: 'p2c()', make: async () => (await ours()).p2c(), growth: constant },
  {
    name: 'consistentHash',
    subject: 'consistentHash({ by })',
    make: async () => (await ours()).consistentHash({ by: (_ctx, { key }) => key }),
    growth: constant,
  },
  {
    name: 'subset',
    subject: "subset({ version: '1' }, roundRobin())",
    make: async () => (await ours()).subset({ version: '1' }),
    mayPick: ({ instance }) => instance.version === '1',
    growth: constant,
  },
  {
    name: 'zoneAware',
    subject: 'zoneAware({ zone }, roundRobin())',
    make: async () => (await ours()).zoneAware({ zone: 'zone 0', callers: 0.2 }),
    mayPick: ({ instance }) => instance.zone === 'zone 0',
    growth: constant,
  },
  {
    name: 'slowStart',
    subject: 'slowStart(roundRobin()), nobody new',
    make: async () => (await ours()).slowStart(),
    growth: constant,
  },
  {
    name: 'outlierEjection',
    subject: 'outlierEjection(p2c()), nobody ejected',
    make: async () => {
      const { outlierEjection, p2c } = await ours()
      return outlierEjection(p2c())
    },
    growth: constant,
  },
  {
    name: 'scanning',
    subject: 'by hand: fewest in flight, of all',
    make: async () => (await byHand()).scanning(),
    linear: true,
  },
  {
    name: 'smooth',
    subject: "by hand: nginx's smooth weights",
    make: async () => (await byHand()).smooth(),
    linear: true,
  },
]

const caseOf = ({ name, subject, make, mayPick, linear }: Picked, count: number): Case => ({
  name: `${name}-${count}`,
  case: subject,
  subject: among(count),
  params: { instances: count },
  load: async () => (await import('./picking.ts')).picking(await make(), { count, mayPick, linear }),
})

/** How a number of instances is called in tables. */
export const among = (count: number): string => `${count.toLocaleString('en-US')} instances`

export const pickCases: readonly Case[] = picked.flatMap((each) => {
  const all = sizes.map((count) => caseOf(each, count))
  if (each.name !== 'roundRobin') return all
  return [
    ...all,
    { ...caseOf(each, 10), name: 'roundRobin-10-again', subject: `${among(10)} (A/A)`, again: 'roundRobin-10' },
  ]
})

/** Each of ours once, among the most: what a quick run proves. */
export const largestCases: readonly Case[] = picked
  .filter(({ growth }) => growth !== undefined)
  .map((each) => caseOf(each, largest))

export const pickTargets: readonly RatioTarget[] = picked.flatMap(({ name, subject, growth }) =>
  growth === undefined
    ? []
    : [
        {
          name: `a pick among ${among(largest)} / among 10: ${subject}`,
          of: `${name}-${largest}`,
          over: `${name}-10`,
          limit: growth,
        },
      ],
)
