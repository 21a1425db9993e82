// Requests that Node's parser takes and that mean one thing to this server and perhaps another to whoever stands before
// it: two hosts, two content types, lengths of a kind that HTTP/1.0 does not have. They are refused, and their connection
// is closed, because what follows on it may be meant for somebody else.
import type { IncomingMessage } from 'node:http'
import { badHost, badTarget, badVersion, type Refusal, twice, unknownCoding, unknownExpectation } from './refusal.ts'

// Source: RFC 9110 7.2 with RFC 3986 3.2.2: a name or an address, perhaps a port.
const host = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\dA-Fa-f:.]+\])(?::\d*)?$/

/** Why a request is not to be understood; `expects`: its `expect` is one that this server meets. */
export function unsound(req: IncomingMessage, expects: boolean): Refusal | undefined {
  const { headers, httpVersion, rawHeaders } = req
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return badVersion
  // A router takes what follows for no part of the path, and a reader of the query for a part of that.
  if ((req.url as string).includes('#')) return badTarget
  const coding = headers['transfer-encoding']
  if (coding !== undefined) {
    // Source: RFC 9112 6.1. Whoever speaks HTTP/1.0 does not know chunks, and takes them for requests.
    if (httpVersion === '1.0') return badVersion
    if (coding.toLowerCase() !== 'chunked') return unknownCoding
  }
  const repeated = repeatedOf(rawHeaders)
  if (repeated !== undefined) return twice(repeated)
  if (headers.host === undefined ? httpVersion !== '1.0' : !isHost(headers.host)) return badHost
  return headers.expect !== undefined && !expects && httpVersion === '1.1' ? unknownExpectation : undefined
}

/** The last host that was one: most requests of a server name the same. */
let named = ''

/** Is this a name or an address, perhaps with a port? */
export function isHost(text: string): boolean {
  if (text === named) return true
  if (!host.test(text)) return false
  named = text
  return true
}

/** Node takes the first of several lines of these, others take the last. All others it joins, so that they are no riddle. */
function repeatedOf(rawHeaders: readonly string[]): string | undefined {
  let hosts = 0
  let types = 0
  let authorizations = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    // Their lengths tell most others apart, without a copy in lower case.
    if (name.length === 4) hosts += Number(name.toLowerCase() === 'host')
    else if (name.length === 12) types += Number(name.toLowerCase() === 'content-type')
    else if (name.length === 13) authorizations += Number(name.toLowerCase() === 'authorization')
  }
  return hosts > 1 ? 'host' : types > 1 ? 'content-type' : authorizations > 1 ? 'authorization' : undefined
}
