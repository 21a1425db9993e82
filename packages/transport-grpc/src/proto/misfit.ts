// Why a message and a contract do not fit, as a failure that names the field.
import { type InvalidArgument, type Issue, invalidArgument } from '@tenon/contract'
import { Lossy } from './convert.ts'
import { Unreadable } from './unreadable.ts'

/** What was thrown by a serializer; whatever else it is, the bytes are no such message. */
export function misfit(cause: unknown): InvalidArgument {
  if (cause instanceof Lossy)
    return failure(cause, 'what both the contract and the message hold exactly', 'another value')
  if (cause instanceof Unreadable) return failure(cause, cause.expected, 'other bytes')
  return { ...invalidArgument([]), message: 'the bytes are no such message' }
}

function failure(cause: Lossy | Unreadable, expected: string, actual: string): InvalidArgument {
  const { path, message } = cause
  const issues: readonly Issue[] = path === '' ? [] : [{ path, expected, actual }]
  return {
    ...invalidArgument(issues),
    message: cause instanceof Lossy && path !== '' ? `${path}: ${message}` : message,
  }
}
