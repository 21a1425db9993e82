// How much a server and a client take before they say no, each with a default that is safe to expose.

/** What the calls of one handler are allowed. */
export interface RequestLimits {
  /** Bytes of one message. Default: 4,194,304 (4 MiB), gRPC's own. More is `resource_exhausted`. */
  readonly message?: number
  /**
   * Milliseconds from a call's arrival to its answer, or to the end of a client's stream. Default: 30,000. Callers may ask
   * for less by their deadline, never for more. Streams of answers last as long as their caller's deadline says.
   */
  readonly request?: number | 'unbounded'
  /** Calls at once, streams included. Default: 1,000. More is `unavailable`. */
  readonly concurrent?: number | 'unbounded'
  /** Bytes of incoming metadata, names and values. Default: 16,384; above 64 KB Node ends the call by itself. More is `resource_exhausted`. */
  readonly metadata?: number
}

/** What a server allows. */
export interface ServerLimits extends RequestLimits {
  /** Connections at once. Default: 10,000. Further ones are closed as they come. */
  readonly connections?: number | 'unbounded'
  /**
   * Milliseconds for the one message of a call to arrive; streams have `request`. Default: 10,000. Slower ones are
   * `deadline_exceeded`. At most `concurrent` calls wait for theirs.
   */
  readonly arrival?: number
  /** Milliseconds that an answer may wait to be read. Default: 30,000. Then its call is reset. Streams wait as long as their caller's deadline says. */
  readonly unread?: number
  /** Milliseconds that a connection without calls stays open; its client then opens another. Default: 300,000. */
  readonly idle?: number | 'unbounded'
}

/** What a client sends and takes at most. */
export interface ClientLimits {
  /** Bytes of one message, in either direction. Default: 4,194,304 (4 MiB). */
  readonly message?: number
  /** Bytes of outgoing metadata, names and values. Default: 8,192; gRPC bears 64 KB. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

interface Rule {
  readonly value: number
  readonly min: number
  readonly max?: number
  readonly unit: string
  readonly unbounded?: boolean
}

/** A number option: whole and within its bounds, or a TypeError that says what is allowed. */
export function whole(
  name: string,
  given: unknown,
  { value, min, max = Number.MAX_SAFE_INTEGER, unit, unbounded }: Rule,
): number {
  if (given === undefined) return value
  if (given === 'unbounded' && unbounded === true) return Number.POSITIVE_INFINITY
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max) return given
  const or = unbounded === true ? ", or 'unbounded'," : ''
  const to = max === Number.MAX_SAFE_INTEGER ? 'on' : `to ${max}`
  throw new TypeError(`${name}: whole ${unit} from ${min} ${to}${or} and not ${String(given)}`)
}

/** Limits that were checked; `'unbounded'` is `Infinity`. */
export type Checked<L> = { readonly [K in keyof L]-?: number }

const request: Readonly<Record<keyof RequestLimits, Rule>> = {
  message: { value: 4_194_304, unit: 'bytes', min: 1 },
  request: { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true },
  concurrent: { value: 1_000, unit: 'calls', min: 1, unbounded: true },
  metadata: { value: 16_384, unit: 'bytes', min: 0, max: 65_536 },
}
const server: Readonly<Record<keyof ServerLimits, Rule>> = {
  ...request,
  connections: { value: 10_000, unit: 'connections', min: 1, unbounded: true },
  arrival: { value: 10_000, unit: 'milliseconds', min: 1 },
  unread: { value: 30_000, unit: 'milliseconds', min: 1 },
  idle: { value: 300_000, unit: 'milliseconds', min: 1_000, unbounded: true },
}
const client: Readonly<Record<keyof ClientLimits, Rule>> = {
  message: { value: 4_194_304, unit: 'bytes', min: 1 },
  metadata: { value: 8_192, unit: 'bytes', min: 0, max: 65_536 },
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

export const requestLimits = (who: string, given: RequestLimits = {}): Checked<RequestLimits> =>
  checked<RequestLimits>(who, request, given)

export const serverLimits = (who: string, given: ServerLimits = {}): Checked<ServerLimits> =>
  checked<ServerLimits>(who, server, given)

export const clientLimits = (who: string, given: ClientLimits = {}): Checked<ClientLimits> =>
  checked<ClientLimits>(who, client, given)
