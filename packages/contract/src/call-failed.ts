// What any call over a wire may end in, whatever its contract declares.
import { type Cancelled, type Code, codes, type DeadlineExceeded, type Failure } from '@tenon/endpoint'
import { type Issue, maxIssues, oneLine } from './issue.ts'

/** The other side cannot be reached or does not take calls right now. */
export interface Unavailable extends Failure<'Unavailable', 'unavailable'> {
  /** Milliseconds to wait before another attempt makes sense, when the other side said so. */
  readonly retryAfter?: number
}

/** The input does not fit the contract: the first 20 wrong fields. */
export interface InvalidArgument extends Failure<'InvalidArgument', 'invalid_argument'> {
  readonly issues: readonly Issue[]
}

/** A failure of the other side that this contract does not declare: its code and its tag. */
export interface Remote extends Failure<'Remote', Code> {
  /** The tag it has on the other side; its code where the other side told no tag. */
  readonly tag: string
  /** Milliseconds to wait before another attempt makes sense, when the other side said so. */
  readonly retryAfter?: number
}

/** What any call over a wire may end in beside what its method declares. */
export type CallFailed = Unavailable | DeadlineExceeded | Cancelled | InvalidArgument | Remote

/** What may be said of a failure of the way. */
export interface RetryAfter {
  /** Milliseconds to wait before another attempt makes sense. Default: unsaid. */
  readonly retryAfter?: number | undefined
}

/** `Unavailable`, with a message of your own or the default one. */
export const unavailable = (message = 'not reachable right now', { retryAfter }: RetryAfter = {}): Unavailable =>
  withRetryAfter({ _tag: 'Unavailable', code: 'unavailable', message }, retryAfter)

/** `InvalidArgument` of these issues; the first 20 are kept. */
export const invalidArgument = (issues: readonly Issue[]): InvalidArgument => ({
  _tag: 'InvalidArgument',
  code: 'invalid_argument',
  message: oneLine(issues),
  issues: issues.length > maxIssues ? issues.slice(0, maxIssues) : issues,
})

/** `Remote`: a failure of the other side by its code. Without a tag the code stands for it, without a message its meaning. */
export const remote = ({
  code,
  tag = code,
  message = codes[code].meaning,
  retryAfter,
}: RetryAfter & {
  readonly code: Code
  readonly tag?: string | undefined
  readonly message?: string | undefined
}): Remote => withRetryAfter({ _tag: 'Remote', code, message, tag }, retryAfter)

/** The milliseconds to wait that a failure carries (`retryAfter`), if it does. */
export function retryAfterOf(failure: object): number | undefined {
  const { retryAfter } = failure as { readonly retryAfter?: unknown }
  return typeof retryAfter === 'number' && retryAfter >= 0 && retryAfter < Number.POSITIVE_INFINITY
    ? retryAfter
    : undefined
}

const tags: ReadonlySet<string> = new Set<CallFailed['_tag']>([
  'Unavailable',
  'DeadlineExceeded',
  'Cancelled',
  'InvalidArgument',
  'Remote',
])

/** Is this tag one of {@link CallFailed}? A contract may not declare it. */
export const isCallTag = (tag: string): boolean => tags.has(tag)

/** Is this one of the failures that any call over a wire may end in? */
export const isCallFailed = (failure: Failure): failure is CallFailed => tags.has(failure._tag)

const withRetryAfter = <F extends Failure>(failure: F, retryAfter: number | undefined): F =>
  retryAfter === undefined ? failure : { ...failure, retryAfter }
