// What a process has to do, and what went wrong in it where nobody caught it.

export interface State {
  /** Requests without an answer. */
  readonly inFlight: number
  readonly connections: number
  /** Exceptions and rejections that nobody caught since the last time this was asked. */
  readonly faults: readonly string[]
}

const faults: string[] = []
const fault = (kind: string) => (cause: unknown) => faults.push(`${kind}: ${String((cause as Error)?.stack ?? cause)}`)
process.on('uncaughtException', fault('uncaught'))
process.on('unhandledRejection', fault('unhandled'))

export const stateOf = (inFlight: number): State => ({
  inFlight,
  connections: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
  faults: faults.splice(0),
})
