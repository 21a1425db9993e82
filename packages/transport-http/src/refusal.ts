// What a server answers before an endpoint is asked: limits, malformed requests, overload. Each has a status of its
// own beside its canonical code, because HTTP distinguishes more than the sixteen codes do.
import type { Code, Failure } from '@tenon/endpoint'

/** Why a request was turned away, as `server.rejected` reports it. */
export interface Refusal {
  readonly reason: string
  readonly status: number
  readonly failure: Failure
  readonly headers?: Readonly<Record<string, string>>
  /** What follows on the connection must not be read. */
  readonly close?: true
}

export const refusal = (status: number, reason: string, tag: string, code: Code, message: string): Refusal => ({
  reason,
  status,
  failure: { _tag: tag, code, message },
})

export const bodyTooLarge = (limit: number): Refusal =>
  refusal(413, 'body-too-large', 'BodyTooLarge', 'invalid_argument', `the body may have ${limit} bytes at most`)

export const tooManyHeaders = (limit: number): Refusal =>
  refusal(431, 'too-many-headers', 'HeadersTooLarge', 'invalid_argument', `a request may have ${limit} header lines`)

export const headersTooLarge = (limit: number): Refusal =>
  refusal(431, 'headers-too-large', 'HeadersTooLarge', 'invalid_argument', `the headers may have ${limit} bytes`)

export const slowBody = (ms: number): Refusal =>
  refusal(408, 'slow-body', 'SlowRequest', 'deadline_exceeded', `the body did not arrive within ${ms} ms`)

export const slowHeaders = (ms: number): Refusal =>
  refusal(408, 'slow-headers', 'SlowRequest', 'deadline_exceeded', `the request did not arrive within ${ms} ms`)

export const malformedRequest: Refusal = refusal(
  400,
  'malformed',
  'BadRequest',
  'invalid_argument',
  'this is no HTTP request that can be understood',
)

const ambiguous = (status: number, reason: string, tag: string, code: Code, message: string): Refusal => ({
  ...refusal(status, reason, tag, code, message),
  close: true,
})

const malformed = (message: string): Refusal => ambiguous(400, 'malformed', 'BadRequest', 'invalid_argument', message)

export const badVersion: Refusal = malformed('this request is of no version of HTTP that is understood here')

export const badTarget: Refusal = malformed('the target of a request has no fragment: no "#"')

export const badHost: Refusal = malformed('a request names its host: a name or an address, perhaps a port')

export const twice = (header: string): Refusal => malformed(`a request has one ${header} and not several`)

export const unknownCoding: Refusal = ambiguous(
  501,
  'transfer-encoding',
  'UnknownCoding',
  'unimplemented',
  'the body may be chunked and nothing else: transfer-encoding chunked only',
)

export const unknownExpectation: Refusal = ambiguous(
  417,
  'expectation',
  'UnknownExpectation',
  'invalid_argument',
  'the one expectation that is met here is 100-continue',
)

export const noProxy: Refusal = ambiguous(501, 'connect', 'NoRoute', 'unimplemented', 'this server opens no tunnels')

export const plainHttp: Refusal = refusal(
  400,
  'plain-http',
  'PlainHttp',
  'invalid_argument',
  'this port speaks TLS, and a client spoke plain HTTP',
)

export const tlsOnPlain: Refusal = refusal(
  400,
  'tls',
  'BadRequest',
  'invalid_argument',
  'this port speaks plain HTTP, and a client spoke TLS',
)

export const slowHandshake = (ms: number): Refusal =>
  refusal(408, 'slow-handshake', 'SlowHandshake', 'deadline_exceeded', `the handshake was not over within ${ms} ms`)

export const badClientCertificate = (why: string): Refusal =>
  refusal(
    403,
    'client-certificate',
    'BadCertificate',
    'unauthenticated',
    `the certificate of a client is not accepted: ${why}`,
  )

export const badHandshake = (why: string): Refusal =>
  refusal(
    400,
    'handshake',
    'BadHandshake',
    'invalid_argument',
    `a client and this server found no way to speak TLS: ${why}`,
  )

export const badTimeout: Refusal = refusal(
  400,
  'bad-timeout',
  'InvalidArgument',
  'invalid_argument',
  'request-timeout-ms is a whole number of milliseconds, without sign, of at most 12 digits',
)

export const badPath: Refusal = refusal(
  400,
  'bad-path',
  'InvalidArgument',
  'invalid_argument',
  'the path has an escape that is no UTF-8',
)

export const wrongMediaType = (allowed: readonly string[]): Refusal => ({
  ...refusal(
    415,
    'media-type',
    'UnsupportedMediaType',
    'invalid_argument',
    `the body must be ${allowed.join(' or ')}, in UTF-8`,
  ),
  headers: { 'accept-post': allowed.join(', ') },
})

export const notAcceptable: Refusal = refusal(
  406,
  'accept',
  'NotAcceptable',
  'invalid_argument',
  'this is a stream of events: text/event-stream must be among what "accept" says',
)

export const wrongEncoding: Refusal = {
  ...refusal(
    415,
    'content-encoding',
    'UnsupportedMediaType',
    'invalid_argument',
    'the body must not be compressed: content-encoding identity only',
  ),
  headers: { 'accept-encoding': 'identity' },
}

export const tooBusy = (limit: number): Refusal => ({
  ...refusal(503, 'too-busy', 'TooBusy', 'unavailable', `${limit} calls are running; try again`),
  headers: { 'retry-after': '1' },
})

export const tooManyAtOnce = (limit: number): Refusal => ({
  ...refusal(
    503,
    'pipelined',
    'TooBusy',
    'unavailable',
    `${limit} calls of one connection may run; wait for an answer`,
  ),
  headers: { 'retry-after': '1' },
})

export const tooMuchAtOnce = (limit: number): Refusal => ({
  ...refusal(503, 'too-much', 'TooBusy', 'unavailable', `bodies of ${limit} bytes are being read; try again`),
  headers: { 'retry-after': '1' },
})

export const unreadAnswer: Refusal = refusal(
  503,
  'unread',
  'Unread',
  'unavailable',
  'a client did not read its answer while too many waited to be read',
)

export const goingAway: Refusal = refusal(
  503,
  'draining',
  'Draining',
  'unavailable',
  'this server is stopping; another one may answer',
)

export const notFound: Refusal = refusal(404, 'no-route', 'NoRoute', 'unimplemented', 'there is nothing at this path')

export const notAllowed = (allow: string): Refusal => ({
  ...refusal(405, 'method', 'NoRoute', 'unimplemented', `this path takes ${allow}`),
  headers: { allow },
})
