// Logging, as an observer: which method, of which profile, what came of it, and how long it took.
import { byMethod, measure } from '@tenon/endpoint'

/** A line of JSON for each call. What a profile holds is somebody's: only its id is written. */
export const logging = (write: (line: string) => void) =>
  byMethod((method) =>
    measure((_ctx, { id }: { readonly id: string }, began) => (outcome, ended) => {
      const result = outcome._tag === 'Right' ? 'ok' : outcome.left._tag
      write(JSON.stringify({ method: method?.name, id, result, took: Number((ended - began).toFixed(3)) }))
    }),
  )
