// Logging, as an observer: it sees a call begin and end, and changes nothing about it.
import { byMethod, measure } from '@tenon/endpoint'

/** A line of JSON for each call: what came in, what came of it, and how many milliseconds it took. */
export const logging = (write: (line: string) => void) =>
  // Chosen once for each method it wraps. `measure` is `observe` that is told the time at both ends.
  byMethod((method) =>
    measure((_ctx, { s }: { readonly s: string }, began) => (outcome, ended) => {
      const came = outcome._tag === 'Right' ? { output: outcome.right } : { failure: outcome.left._tag }
      write(JSON.stringify({ method: method?.name, input: s, ...came, took: Number((ended - began).toFixed(3)) }))
    }),
  )
