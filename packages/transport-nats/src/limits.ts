// How much each side takes before it says no: sizes, times and counts.

/** What a server takes at most. */
export interface ServerLimits {
  /** Bytes of a body, of each message of a stream. Default: 1,048,576, as `max_payload` of a NATS server. More is `invalid_argument`, tag `BodyTooLarge`. */
  readonly body?: number
  /** Header lines of a request. Default: 100. More is `invalid_argument`, tag `HeadersTooLarge`. */
  readonly headers?: number
  /**
   * Milliseconds from a request's arrival to its answer. Default: 30,000. Callers may ask for less with
   * `request-timeout-ms`, never for more. A stream has what its caller asks for.
   */
  readonly request?: number | 'unbounded'
  /** Calls at once, work whose caller has left included. Default: 1,000. More is `unavailable`, tag `TooBusy`, to be tried again after a second. */
  readonly concurrent?: number | 'unbounded'
}

/** What a client sends at most. */
export interface ClientLimits {
  /** Bytes of outgoing metadata, names and values. Default: 32,768. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

/** Limits that were checked; `'unbounded'` is `Infinity`. */
export type Checked<L> = { readonly [K in keyof L]-?: number }

interface Rule {
  readonly value: number
  readonly unit: string
  readonly min: number
  readonly unbounded?: boolean
}

const ofServer: Readonly<Record<keyof ServerLimits, Rule>> = {
  body: { value: 1_048_576, unit: 'bytes', min: 0 },
  headers: { value: 100, unit: 'header lines', min: 1 },
  request: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'calls', min: 1, unbounded: true },
}

const ofClient: Readonly<Record<keyof ClientLimits, Rule>> = {
  metadata: { value: 32_768, unit: 'bytes', min: 0 },
}

/** A number option: whole, within its bounds, or a TypeError that says what is allowed. */
export function whole(name: string, given: unknown, rule: Rule): number {
  if (given === undefined) return rule.value
  if (given === 'unbounded' && rule.unbounded === true) return Number.POSITIVE_INFINITY
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= rule.min) return given
  const or = rule.unbounded === true ? ", or 'unbounded'," : ''
  throw new TypeError(`${name}: whole ${rule.unit} from ${rule.min} on${or} and not ${String(given)}`)
}

function checked<L>(who: string, rules: Readonly<Record<string, Rule>>, given: object): Checked<L> {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`${who}: there is no limit "${name}"; there are ${Object.keys(rules).join(', ')}`)
  const values: Record<string, number> = {}
  for (const [name, rule] of Object.entries(rules))
    values[name] = whole(`${who}: limits.${name}`, (given as Record<string, unknown>)[name], rule)
  return values as Checked<L>
}

export const serverLimits = (who: string, given: ServerLimits = {}): Checked<ServerLimits> =>
  checked<ServerLimits>(who, ofServer, given)

export const clientLimits = (who: string, given: ClientLimits = {}): Checked<ClientLimits> =>
  checked<ClientLimits>(who, ofClient, given)
