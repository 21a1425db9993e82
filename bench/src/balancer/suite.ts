// The suite `balancer`: what a pick costs among few and many instances, and what callers notice of one that is slow, fails or
// hangs.
import { joined } from '../harness/joined.ts'
import { type TimedSuite, timed } from '../harness/timed.ts'
import { largestCases, pickCases, pickTargets } from './pick-cases.ts'
import { pickRows } from './pick-rows.ts'
import { chosenScenarios, fleet, lasting, settling } from './scenario.ts'

const about = {
  name: 'balancer',
  does: 'choosing an instance: what a pick costs from 10 to 10,000, and what is felt of one that is slow or fails',
}

const timing: TimedSuite = { ...about, cases: pickCases, targets: pickTargets, oneByOne: true, rounds: 5 }
const picks = timed(timing)
const quickly = timed({ ...timing, cases: largestCases })

const holds = (filter: string): boolean =>
  pickCases.some((each) =>
    [each.name, each.subject, each.case].some((field) => field.toLowerCase().includes(filter.toLowerCase())),
  )

const { callers, instances, workers, demand, load, deadline } = fleet

export const balancer = joined(
  {
    ...about,
    notes:
      `**A pick** is all that a balancer does for a call: \`pick\`, \`started\` and \`ended\`, with 64 calls in flight, over the real nodes of an endpointer. What is O(1) costs more among 10,000 only where it touches them at random: they do not fit into the processor's caches. ` +
      `By hand means written on the spot; the two that look through all instances are there for their growth.\n\n` +
      `**Everything else is simulated**, by the code that users run (endpointers, nodes, balancers, \`balanced\`), on a virtual clock with seeded chance: the same figures for the same seed on every machine. ` +
      `${callers} callers, each with a balancer of its own, send Poisson arrivals to ${instances} instances of ${workers} workers and one queue, ${demand} ms of work on average (exponential), ${load * 100} % of what they can do; a caller waits ${deadline} ms. ` +
      `The first ${settling / 1_000} s all is well and nothing is counted; then the scenario lasts ${lasting / 1_000} s. No retries: what fails is told. Means over ten seeds ± the half of their 95 % confidence interval; ratios within a seed, where all strategies have the same calls. ` +
      'The oracle sends each call where it will be done first, and knows every queue of every caller: the limit of what choosing can do.',
    subject: async (name) => {
      if (picks.subject === undefined) throw new Error('a timed suite has subjects')
      return picks.subject(name)
    },
  },
  [
    {
      takes: 150,
      holds,
      async run(plan) {
        const found = await (plan.quick ? quickly : picks).run(plan)
        return { ...found, rows: pickRows(found.rows) }
      },
    },
    {
      takes: 25,
      holds: (filter) => chosenScenarios(filter).length > 0,
      run: async (plan) => (await import('./simulated.ts')).simulated(plan),
    },
  ],
)
