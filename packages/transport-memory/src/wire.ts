// The link between clients and servers of one process. Only texts cross it, in both directions: what one side made can
// never be touched by the other.
import type { Clock, Ending } from '@tenon/endpoint'

/** What a client and a server of one process share. There is nothing to close: it holds only what is served on it. */
export interface Wire {
  readonly name: string
}

/** Texts one by one, as the messages of a stream: the next, or `undefined` at the end. */
export interface Texts {
  next(): Promise<string | undefined>
  /** Nobody reads on. Harmless when it has ended. */
  stop(why?: Ending): void
}

/** One call on its way in. */
export interface Request {
  /** The method's name in its contract. */
  readonly method: string
  readonly metadata: readonly (readonly [string, string])[]
  /** Whole milliseconds left, absent when the call has no deadline. */
  readonly timeout: number | undefined
  /** What they are measured on: a virtual clock holds for both sides. */
  readonly clock: Clock
  readonly input: string | Texts
}

/** One call that runs. */
export interface Exchange {
  readonly answer: Promise<string | Texts>
  /** The caller does not wait any more. */
  cancel(why: Ending): void
}

/** Takes the calls of one contract. */
export type Port = (request: Request) => Exchange

const ports = new WeakMap<Wire, Map<string, Port>>()

/** A link in this process. The name is for messages and the server's url; default `'memory'`. */
export function wire(name = 'memory'): Wire {
  const made: Wire = { name }
  ports.set(made, new Map())
  return made
}

/** What is served on a wire, by the contract's name. */
export function portsOf(where: string, made: Wire): Map<string, Port> {
  const found = ports.get(made)
  if (found === undefined) throw new TypeError(`${where}: "wire" must be a wire, as wire() makes it`)
  return found
}
