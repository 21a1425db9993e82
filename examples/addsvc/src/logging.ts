// Logging, as an observer: it sees a call begin and end, and changes nothing about it.
import { inspect } from 'node:util'
import { byMethod, isDefect, measure, type Outcome } from '@tenon/endpoint'

/** A line of JSON for each call: what came in, what came of it, and how many milliseconds it took. */
export const logging = (write: (line: string) => void) =>
  byMethod((method) =>
    measure((_ctx, input, began) => (outcome, ended) => {
      write(JSON.stringify({ method: method?.name, input, ...came(outcome), took: Number((ended - began).toFixed(3)) }))
    }),
  )

function came(outcome: Outcome) {
  if (outcome._tag === 'Right') return { output: outcome.right }
  const { left: failure } = outcome
  // A bug: what was thrown crosses no wire, so that here is where it is told.
  return isDefect(failure) ? { failure: failure._tag, cause: inspect(failure.cause) } : { failure: failure._tag }
}
