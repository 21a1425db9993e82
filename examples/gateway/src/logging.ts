// Logging, as an observer: a line of JSON for each call of the gateway, with what came of it.
import { byMethod, measure } from '@tenon/endpoint'

export const logging = (write: (line: string) => void) =>
  byMethod((method) =>
    measure((_ctx, _input, began) => (outcome, ended) => {
      const result = outcome._tag === 'Right' ? 'ok' : outcome.left._tag
      write(JSON.stringify({ method: method?.name, result, took: Number((ended - began).toFixed(3)) }))
    }),
  )
