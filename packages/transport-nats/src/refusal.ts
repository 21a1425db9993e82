// What a server answers before an endpoint is asked.
import { invalidArgument } from '@tenon/contract'
import type { Code, Failure } from '@tenon/endpoint'

/** Why a request was turned away, as `server.rejected` reports it. */
export interface Refusal {
  readonly reason: string
  readonly failure: Failure
}

const refusal = (reason: string, _tag: string, code: Code, message: string): Refusal => ({
  reason,
  failure: { _tag, code, message },
})

export const bodyTooLarge = (limit: number): Refusal =>
  refusal('body-too-large', 'BodyTooLarge', 'invalid_argument', `the body may have ${limit} bytes`)

export const tooManyHeaders = (limit: number): Refusal =>
  refusal('too-many-headers', 'HeadersTooLarge', 'invalid_argument', `a request may have ${limit} header lines`)

export const badHeaders: Refusal = refusal(
  'bad-headers',
  'BadHeaders',
  'invalid_argument',
  'the headers cannot be read',
)

/** Nobody is told: where the answer would go is what is wrong. */
export const badReply: Refusal = refusal(
  'bad-reply',
  'BadReply',
  'invalid_argument',
  'an answer goes to an inbox: no wildcard, nothing that begins with "$", no subject of this service',
)

export const badTimeout: Refusal = {
  reason: 'bad-timeout',
  failure: invalidArgument([
    { path: 'metadata.request-timeout-ms', expected: 'a whole number of milliseconds', actual: 'something else' },
  ]),
}

export const noReply: Refusal = refusal(
  'no-reply',
  'NoReply',
  'invalid_argument',
  'a stream goes to and fro: its request names a reply subject',
)

export const tooBusy = (limit: number): Refusal => {
  const { reason, failure } = refusal('too-busy', 'TooBusy', 'unavailable', `${limit} calls are running; try again`)
  return { reason, failure: { ...failure, retryAfter: 1_000 } as Failure }
}

export const unknownMethod = (contract: string, method: string): Refusal =>
  refusal('no-method', 'Unimplemented', 'unimplemented', `${contract} has no method "${method.slice(0, 100)}" here`)
