// Messages that are too large, in words that say which limit and whose: grpc-js says neither.

interface Refused {
  /** Bytes; a message that was compressed is not read to its end. */
  readonly size: string | undefined
  readonly most: string
}

function refusedIn(details: string): Refused | undefined {
  const [, size, limit, inflated] =
    /^Received message (?:larger than max \((\d+) vs\.? (\d+)\)|that decompresses to a size larger than (\d+))$/.exec(
      details,
    ) ?? []
  const most = limit ?? inflated
  return most === undefined ? undefined : { size, most }
}

const says = ({ size, most }: Refused, what: string, who: string): string =>
  `${what}${size === undefined ? '' : ` of ${size} bytes`} is too large: ${who} takes at most ${most} (its limits.message)`

/** What a server says of a message that it does not take; `undefined` where grpc-js tells of something else. */
export function oversizeAtServer(details: string): string | undefined {
  const refused = refusedIn(details)
  return refused && says(refused, 'a message', 'the server')
}

/**
 * The same for a client that has this limit. Servers on grpc-js say of what came to them what this one says of an answer; but
 * nothing was sent that is larger than the limit here.
 */
export function oversizeAtClient(details: string, limit: number): string | undefined {
  const [, own] = /^Attempted to send message with a size larger than (\d+)$/.exec(details) ?? []
  if (own !== undefined) return `a message is too large: this client sends at most ${own} bytes (its limits.message)`
  const refused = refusedIn(details)
  if (refused === undefined) return undefined
  return refused.most === String(limit) ? says(refused, 'the answer', 'this client') : oversizeAtServer(details)
}
