// What goes wrong with etcd, in one shape: a code that says how to treat it, and words that say what to do.
import type { Code, Failure } from '@tenon/endpoint'

/**
 * What everything of this package rejects with, and what instancers tell: a request that etcd refused or did not answer. An
 * `Error`, and a failure with tag and code.
 */
export class EtcdError extends Error implements Failure<'EtcdError'> {
  override readonly name = 'EtcdError'
  readonly _tag = 'EtcdError'
  /**
   * `unavailable`: etcd cannot be reached, or has no leader. `deadline_exceeded`: it did not answer in time. What was
   * to be written may have been written in both cases. `cancelled`: the registry was closed.
   */
  readonly code: Code
  constructor(code: Code, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

const codes: readonly Code[] = [
  'unknown', // 0 is no failure
  'cancelled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
]

/** What etcd says in its own words, and what that means for whoever runs the service. */
const advice: readonly (readonly [says: string, code: Code, means: string])[] = [
  ['user name is empty', 'unauthenticated', 'etcd wants to know who asks: give auth: { user, password }'],
  [
    'authentication failed, invalid user ID',
    'unauthenticated',
    'etcd does not know this user, or not with this password',
  ],
  ['authentication is not enabled', 'failed_precondition', 'etcd runs without authentication: leave auth out'],
  [
    'permission denied',
    'permission_denied',
    'the role of this user does not grant that: etcdctl role grant-permission',
  ],
  ['invalid auth token', 'unauthenticated', 'etcd has forgotten who asks'],
  ['requested lease not found', 'not_found', 'the lease is over: nothing was heard of its holder in time'],
  ['no leader', 'unavailable', 'etcd has no leader: most of its members are down or cut off'],
  ['database space exceeded', 'resource_exhausted', 'etcd is full: compact it, defragment it, and disarm its alarm'],
]

/** What grpc-js says of a connection that it did not get. Times and numbers of pointers are no cause twice the same. */
const unconnected = /^No connection established\. Last error: (.*?)(?:\. Resolution note: .*)?$/s
const noise =
  /^Error: |^[0-9A-F]+:error:[0-9A-F]+:|:\.\.\/.*$| \(\d{4}-\d\d-\d\dT[\d:.]+Z\)|\. ?(?:Waiting for|LB pick).*$/gs

/** What is said of a connection that was not made. */
const unreached = 'no connection: '

function plain(said: string): string {
  const why = unconnected.exec(said)?.[1]
  if (why === undefined) return said.replace(noise, '')
  const hint = /^(?:Failed to connect|Protocol error)/.test(why) ? ': is it https and http that are mixed up?' : ''
  return `${unreached}${why.replace(noise, '')}${hint}`
}

/** The same for whatever the client throws; `what` was attempted. */
export function etcdError(what: string, cause: unknown): EtcdError {
  if (cause instanceof EtcdError) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  for (const [says, code, means] of advice)
    if (said.includes(says)) return new EtcdError(code, `${what}: ${means}`, cause)
  const status = /^(\d+) [A-Z_]+: (.*)$/s.exec(said)
  const code = codes[Number(status?.[1] ?? 2)] ?? 'unknown'
  if (code === 'deadline_exceeded') return new EtcdError(code, `${what}: no answer in time`, cause)
  return new EtcdError(code, `${what}: ${plain(status?.[2] ?? said)}`, cause)
}

/** Does it say that etcd, or this member of it, cannot be had at the moment? */
export const isLost = ({ code }: EtcdError): boolean => code === 'unavailable' || code === 'deadline_exceeded'

/** Does it say that nothing was sent? */
export const isUnsent = ({ code, message }: EtcdError): boolean => code === 'unavailable' && message.includes(unreached)
