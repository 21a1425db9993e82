// Failures: plain tagged records with a canonical code. Everything reads the code: statuses, breakers, retries, metrics.

/** The sixteen canonical codes of gRPC, in snake case. What each means stands in {@link codes}. */
export type Code =
  | 'cancelled'
  | 'unknown'
  | 'invalid_argument'
  | 'deadline_exceeded'
  | 'not_found'
  | 'already_exists'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'failed_precondition'
  | 'aborted'
  | 'out_of_range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data_loss'
  | 'unauthenticated'

/** The codes that describe the way to a service and not its business: see {@link Infrastructure}. */
export type InfrastructureCode =
  | 'unavailable'
  | 'deadline_exceeded'
  | 'resource_exhausted'
  | 'unauthenticated'
  | 'permission_denied'
  | 'internal'

/** What a code says: its number on a gRPC wire, its meaning, and whether it speaks of the way rather than the business. */
export interface CodeInfo {
  readonly number: number
  readonly meaning: string
  readonly infrastructure: boolean
}

const business = (number: number, meaning: string): CodeInfo => ({ number, meaning, infrastructure: false })
const infrastructure = (number: number, meaning: string): CodeInfo => ({ number, meaning, infrastructure: true })

/** Every canonical code with its gRPC number and meaning (source: the gRPC status code specification). */
export const codes: Readonly<Record<Code, CodeInfo>> = {
  cancelled: business(1, 'the caller gave up'),
  unknown: business(2, 'something failed and nobody said what'),
  invalid_argument: business(3, 'the input is wrong, whatever the state of the system'),
  deadline_exceeded: infrastructure(4, 'the time ran out before an answer came; it may still have been done'),
  not_found: business(5, 'what was asked for does not exist'),
  already_exists: business(6, 'what was to be made exists already'),
  permission_denied: infrastructure(7, 'the caller is known and may not do this'),
  resource_exhausted: infrastructure(8, 'a quota, a limit or a queue is used up'),
  failed_precondition: business(9, 'the system is not in the state that this needs; do not retry until it is'),
  aborted: business(10, 'a conflict with another call; retry at a higher level'),
  out_of_range: business(11, 'past the end of what there is'),
  unimplemented: business(12, 'this is not offered here'),
  internal: infrastructure(13, 'a bug: an invariant of the system is broken'),
  unavailable: infrastructure(14, 'not reachable right now; retrying may help'),
  data_loss: business(15, 'data is lost or corrupt beyond repair'),
  unauthenticated: infrastructure(16, 'the caller did not prove who it is'),
}

/** A failure: plain data, told apart by `_tag`, understood by `code`. Details are further fields. */
export interface Failure<T extends string = string, C extends Code = Code> {
  readonly _tag: T
  readonly code: C
  readonly message: string
}

/** What something unexpected became: a throw, a rejection, an answer that is none. Any call may end so; it is never in an endpoint's E. */
export interface Defect extends Failure<'Defect', 'internal'> {
  /** What was thrown. For logs; it never crosses a wire. */
  readonly cause: unknown
}

/** The time a call was given ran out. */
export interface DeadlineExceeded extends Failure<'DeadlineExceeded', 'deadline_exceeded'> {}

/** The caller gave up. */
export interface Cancelled extends Failure<'Cancelled', 'cancelled'> {}

/** Failures of the way and not of the business: they need no declaration in a contract and cross a wire as their code. */
export type Infrastructure = Failure<string, InfrastructureCode>

/** `DeadlineExceeded`, with a message of your own or the default one. */
export const deadlineExceeded = (message = 'the deadline passed'): DeadlineExceeded => ({
  _tag: 'DeadlineExceeded',
  code: 'deadline_exceeded',
  message,
})

/** `Cancelled`, with a message of your own or the default one. */
export const cancelled = (message = 'the caller gave up'): Cancelled => ({
  _tag: 'Cancelled',
  code: 'cancelled',
  message,
})

/** A `Defect` that holds what was thrown. Its message never tells the cause, which may hold secrets. */
export const defect = (cause: unknown): Defect => ({
  _tag: 'Defect',
  code: 'internal',
  message: 'something unexpected happened',
  cause,
})

/** Is this one of the sixteen codes? */
export const isCode = (value: unknown): value is Code => typeof value === 'string' && Object.hasOwn(codes, value)

/** Is this a failure: an object with a tag, a known code and a message? */
export function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false
  const { _tag, code, message } = value as Record<string, unknown>
  return typeof _tag === 'string' && isCode(code) && typeof message === 'string'
}

/** Is this failure a `Defect`? */
export const isDefect = (failure: Failure): failure is Defect => failure._tag === 'Defect'

/** Does this failure speak of the way (unavailable, out of time, ...) rather than of the business? A `Defect` does. */
export const isInfrastructure = (failure: Failure): failure is Infrastructure => codes[failure.code].infrastructure

type Cases<E extends Failure, A> = {
  readonly [T in E['_tag'] | 'Defect']: (failure: T extends 'Defect' ? Defect : Extract<E, { readonly _tag: T }>) => A
}

/**
 * Chooses by tag; the compiler asks for every branch, that of `Defect` too.
 *
 * ```ts
 * const tell = (failure: DeadlineExceeded | Cancelled | Defect): string =>
 *   matchFailure(failure, { DeadlineExceeded: () => 'too late', Cancelled: () => 'never mind', Defect: () => 'sorry' })
 * ```
 */
export function matchFailure<E extends Failure, A>(failure: E, cases: Cases<E, A>): A {
  const pick = (cases as unknown as Record<string, ((failure: Failure) => A) | undefined>)[failure._tag]
  if (pick === undefined) throw new TypeError(`matchFailure has no branch for "${failure._tag}"`)
  return pick(failure)
}
