// Failures as a wire carries them, and back: declared ones with their details, all others as what everybody knows.
import { type Code, cancelled, deadlineExceeded, type Failure, isCode, isDefect } from '@tenon/endpoint'
import { type CallFailed, invalidArgument, remote, retryAfterOf, unavailable } from './call-failed.ts'
import { type Coder, coder } from './coder.ts'
import type { Issue } from './issue.ts'
import type { AnyFailureType } from './method.ts'

/** A failure as a wire carries it: plain JSON. */
export interface WireFailure {
  readonly code: Code
  /** Absent where it would be mistaken for that of a declared failure. */
  readonly tag?: string | undefined
  readonly message: string
  /** The encoded details of a declared failure where it has any, or what is known of ours: `{ issues }`, `{ retryAfter }` in milliseconds. */
  readonly details?: unknown
}

export interface FailureCodecs {
  encodeFailure(failure: Failure): WireFailure
  decodeFailure(wire: WireFailure): Failure
}

/** What a `Defect` says to the other side, whatever it is. */
const nothingTold = 'something unexpected happened'

/** Both directions for a method that declares these failures. */
export function failureCodecs(declared: readonly AnyFailureType[]): FailureCodecs {
  const types = new Map<string, { readonly type: AnyFailureType; readonly details: Coder }>(
    declared.map((type) => [type.tag as string, { type, details: coder(type.details, 'strip') }]),
  )
  return {
    encodeFailure(failure) {
      const { code, message } = failure
      if (isDefect(failure)) return { code, tag: 'Defect', message: nothingTold }
      const found = types.get(failure._tag)
      if (found?.type.is(failure)) {
        const { _tag, code: _, message: __, ...details } = failure as Failure & Readonly<Record<string, unknown>>
        const encoded = found.details.encode(details)
        return isNothing(encoded) ? { code, tag: _tag, message } : { code, tag: _tag, message, details: encoded }
      }
      // What a failure of a further hop was called there; a tag that is declared here would be read as that failure.
      const tag = failure._tag === 'Remote' ? (failure as { readonly tag?: unknown }).tag : failure._tag
      const told = typeof tag === 'string' && !types.has(tag) ? { code, tag, message } : { code, message }
      const details = knownDetails(failure)
      return details === undefined ? told : { ...told, details }
    },
    decodeFailure(wire) {
      const { code, tag, message, details } = sound(wire)
      const found = tag === undefined ? undefined : types.get(tag)
      if (found !== undefined && found.type.code === code) {
        const decoded = found.details.decode(details ?? {})
        if (decoded._tag === 'Right') return found.type({ ...(decoded.right as object), message })
      }
      const retryAfter = typeof details === 'object' && details !== null ? retryAfterOf(details) : undefined
      if (tag === undefined || tag === canonical[code]) {
        if (code === 'unavailable') return unavailable(message, { retryAfter })
        if (code === 'deadline_exceeded') return deadlineExceeded(message)
        if (code === 'cancelled') return cancelled(message)
        if (code === 'invalid_argument') {
          const failure = invalidArgument(issuesOf(details))
          return message === undefined ? failure : { ...failure, message }
        }
      }
      return remote({ code, tag, message, retryAfter })
    },
  }
}

/** Is it an object without keys: the details of a failure that has none? They are read back as one where they are missing. */
function isNothing(details: unknown): boolean {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return false
  for (const _ in details) return false
  return true
}

/** The failure of a call that declares none: one of `CallFailed` by its tag, or by its code where it has none. */
export const decodeCallFailed: (wire: WireFailure) => CallFailed = failureCodecs([]).decodeFailure as (
  wire: WireFailure,
) => CallFailed

/** What crosses of a failure that no method declares: code, tag, message, and of its details what is known to be harmless. */
export const encodeUndeclared: (failure: Failure) => WireFailure = failureCodecs([]).encodeFailure

const canonical: Partial<Record<Code, string>> = {
  unavailable: 'Unavailable',
  deadline_exceeded: 'DeadlineExceeded',
  cancelled: 'Cancelled',
  invalid_argument: 'InvalidArgument',
}

/** What of an undeclared failure crosses beside code, tag and message. */
function knownDetails(failure: Failure): object | undefined {
  if (failure._tag === 'InvalidArgument') return { issues: issuesOf(failure) }
  const retryAfter = retryAfterOf(failure)
  return retryAfter === undefined ? undefined : { retryAfter }
}

/** The issues in what somebody sent: only what is one. */
function issuesOf(details: unknown): readonly Issue[] {
  const issues = (details as { readonly issues?: unknown } | null | undefined)?.issues
  if (!Array.isArray(issues)) return []
  return issues.filter(isIssue).map(({ path, expected, actual, in: place, name }) => ({
    path,
    expected,
    actual,
    ...(isPlace(place) && { in: place, ...(typeof name === 'string' && { name }) }),
  }))
}

const isPlace = (value: unknown): value is NonNullable<Issue['in']> =>
  value === 'path' || value === 'query' || value === 'header' || value === 'body'

const isIssue = (value: unknown): value is Issue => {
  const issue = value as Partial<Record<keyof Issue, unknown>> | null | undefined
  return typeof issue?.path === 'string' && typeof issue.expected === 'string' && typeof issue.actual === 'string'
}

/** A wire is somebody's: what is no code is `unknown`, what is no text is not there. */
function sound({ code, tag, message, details }: WireFailure): {
  readonly code: Code
  readonly tag: string | undefined
  readonly message: string | undefined
  readonly details: unknown
} {
  return {
    code: isCode(code) ? code : 'unknown',
    tag: typeof tag === 'string' && tag !== '' ? tag : undefined,
    message: typeof message === 'string' && message !== '' ? message : undefined,
    details,
  }
}
