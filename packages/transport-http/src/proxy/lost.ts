// What goes wrong between a proxy and a target, as failures.
import { unavailable } from '@tenon/contract'
import { howUnreached } from '../lost.ts'
import type { BadAnswer, Unreachable } from './message.ts'

export const unreachable = (message: string, sent: boolean): Unreachable => ({
  ...unavailable(message),
  status: 502,
  sent,
})

export const tooManyWait = (origin: string): Unreachable => ({
  ...unavailable(`too many requests wait for a connection to ${origin}`, { retryAfter: 1_000 }),
  status: 503,
  sent: false,
})

export const badAnswer = (origin: string, why: string): BadAnswer => ({
  _tag: 'BadAnswer',
  code: 'internal',
  message: `what ${origin} answers cannot go on: ${why}`,
  status: 502,
})

/** The error of Node's client. `connected`: was the connection made, so that something may have been sent? */
export function failureOf(error: NodeJS.ErrnoException, origin: string, connected: boolean): Unreachable | BadAnswer {
  const { code, message } = error
  if (connected && typeof code === 'string' && code.startsWith('HPE_'))
    return badAnswer(origin, code === 'HPE_HEADER_OVERFLOW' ? 'its headers are too large' : `it is no HTTP (${code})`)
  const why = code === undefined ? '' : ` (${code})`
  if (connected) return unreachable(`the connection to ${origin} was lost${why}`, true)
  return unreachable(`${origin} ${howUnreached(code)}${why === '' ? ` (${message})` : why}`, false)
}
