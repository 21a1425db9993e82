// What a suite under load is made of: servers, clients, and who sends the load.
import type { Row } from '../harness/report.ts'
import type { Suite } from '../harness/suite.ts'
import type { Driven } from './tally.ts'

/** A server that listens on a port of this machine. */
export interface Served {
  readonly port: number
}

/** Where a server is to serve. */
export interface Place {
  /** Its name in the suite: several serve beside each other. */
  readonly subject: string
  /** The port of what stands between servers and clients. */
  readonly broker: number | undefined
}

export interface ServerSubject {
  readonly name: string
  readonly subject: string
  readonly load: () => Promise<(place: Place) => Promise<Served>>
  /** The name of the very same subject: an A/A pair. */
  readonly again?: string
}

/** Where a server serves. */
export interface Target {
  /** The name of the server. */
  readonly server: string
  readonly port: number
}

/** A client to be measured. */
export interface Caller {
  /** One call; throws unless the answer is right. */
  call(): Promise<void>
  close(): Promise<void>
}

export interface ClientSubject {
  readonly name: string
  readonly subject: string
  readonly load: () => Promise<(target: Target, atOnce: number) => Caller | Promise<Caller>>
  /** The server that it calls. Default: the first. */
  readonly server?: string
  readonly again?: string
}

/** Clients that do the same, as many calls at once each. */
export interface Calls {
  /** Short and unique, for `--filter`. */
  readonly name: string
  readonly title: string
  readonly atOnce: number
  /** The first is what the others are compared with. */
  readonly clients: readonly ClientSubject[]
}

/** One request and what must come back. */
export interface Exchange {
  /** Short and unique, for `--filter`. */
  readonly name: string
  readonly title: string
}

/** How long somebody drives. */
export interface Span {
  /** Milliseconds before it counts, and how long it counts. */
  readonly ramp: number
  readonly time: number
}

/** One turn of load. */
export interface Load extends Target, Span {
  readonly suite: string
  /** The name of the exchange. */
  readonly exchange: string
  readonly atOnce: number
}

/** `of` does at least `limit` times what `over` does: a second, or a second of its CPU. */
export interface Wanted {
  readonly of: string
  readonly over: string
  readonly by: 'throughput' | 'CPU'
  readonly limit: number
  /** The exchanges and calls that it is wanted of, by name. */
  readonly in: readonly string[]
}

/** What stands between servers and clients; it is disposed after the run. */
export interface Broker extends AsyncDisposable {
  readonly port: number
}

export interface Parts {
  readonly name: string
  readonly does: string
  readonly notes?: string
  readonly exchanges: readonly Exchange[]
  /** The first is what the others are compared with. Each serves all exchanges. */
  readonly servers: readonly ServerSubject[]
  readonly calls: readonly Calls[]
  readonly wanted: readonly Wanted[]
  /** Started in a process of its own; rejects where it cannot be had. */
  readonly broker?: () => Promise<Broker>
  /** Throws unless the server does the work of the suite. */
  readonly prove: (target: Target) => Promise<void>
  /** Imported by the process that sends. */
  readonly loader: () => Promise<(load: Load) => Promise<Driven>>
  /** Rows about these exchanges that take no turns. */
  readonly more?: (exchanges: readonly Exchange[]) => Promise<readonly Row[]>
}

export interface LoadedSuite extends Suite {
  readonly parts: Parts
}

/** The parts of a suite, for a process of its own. */
export function partsOf(suites: readonly Suite[], name: string): Parts {
  const found = suites.find((suite) => suite.name === name)
  if (found === undefined || !('parts' in found)) throw new Error(`no suite "${name}" under load`)
  return (found as LoadedSuite).parts
}
