// How busy a server is, and whether it takes calls at all. One for all methods of a server.

export interface Gate {
  readonly limit: number
  /** Requests being read or worked on, those included whose answer nobody waits for any more. */
  running: number
  /** Requests without an answer. */
  inFlight: number
  draining: boolean
}

export const gate = (limit: number): Gate => ({ limit, running: 0, inFlight: 0, draining: false })
