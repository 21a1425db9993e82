// Why a message and a contract do not fit, as a failure that names the field.
import { type InvalidArgument, type Issue, invalidArgument } from '@tenon/contract'
import { Lossy } from './convert.ts'
import { Unreadable } from './unreadable.ts'

/** What was thrown by a serializer; whatever else it is, the bytes are no such message. */
export function misfit(cause: unknown): InvalidArgument {
  if (cause instanceof Lossy) return invalidArgument([cause.issue])
  if (cause instanceof Unreadable) return unread(cause)
  return { ...invalidArgument([]), message: 'the bytes are no such message' }
}

function unread({ path, message, expected }: Unreadable): InvalidArgument {
  const issues: readonly Issue[] = path === '' ? [] : [{ path, expected, actual: 'other bytes' }]
  return { ...invalidArgument(issues), message }
}
