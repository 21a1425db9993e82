// The suite `policy`: what it costs to guard a call.
import type { Suite } from '../harness/suite.ts'
import { timed } from '../harness/timed.ts'
import { breakerCases, breakerTargets } from './breaker-cases.ts'
import { limiterCases, limiterTargets } from './limiter-cases.ts'

export const policy: Suite = timed({
  name: 'policy',
  does: 'what it costs to guard a call, by breakers and by limits, beside opossum, cockatiel, p-limit and bottleneck',
  notes:
    '*Breakers.* Targets about added time compare what a breaker adds to the same call without it; those of ours are added to an endpoint, those of others to a bare async function. ' +
    '*opossum: defaults* has a timeout, which the others have not: a timer for each call.\n\n' +
    '*Limits.* All subjects limit the same async function, which has its answer at once. Tenon counts with the way in, `call()`, and the endpoint around the function: *no limit* is what these cost, and the difference to it is what a limit adds. ' +
    'A refusal of Tenon is a value; the others throw an error, and the `catch` that finds it belongs to them. p-limit neither refuses nor knows deadlines, cancellation or priorities; of bottleneck what is used is the concurrency limit and the reservoir, in process. It starts each call by timers, so that calls that wait take it too long to be measured here.',
  cases: [...breakerCases, ...limiterCases],
  targets: [...breakerTargets, ...limiterTargets],
  oneByOne: true,
  rounds: 5,
})
