// The client's side: an endpoint for each method of a contract, over a wire.
import {
  type AnyMethod,
  type ClientOf,
  type Contract,
  codecs,
  invalidArgument,
  remote,
  unavailable,
} from '@tenon/contract'
import {
  type Context,
  clockOf,
  deadlineExceeded,
  type Ending,
  type Endpoint,
  endedBy,
  endpoint,
  type Failure,
  fail,
  knownOptions,
  lastingDeadline,
  type Metadata,
  type MethodInfo,
  type OptionNames,
  type Outcome,
  onEnding,
  outgoing,
  passedOn,
  type Timer,
} from '@tenon/endpoint'
import { bytes, milliseconds } from './limits.ts'
import { type Reader, read, receiving, sending, type Writer, write } from './texts.ts'
import { type Exchange, type Port, portsOf, type Texts, type Wire } from './wire.ts'

/** What a client sends and takes at most. */
export interface ClientLimits {
  /** Bytes of an answer, of each one in a stream. Default 10,485,760. More is `Remote` of code `internal`, tag `AnswerTooLarge`. */
  readonly response?: number
  /** Bytes of outgoing metadata, names and values. Default 8,192. More is an `InvalidArgument`, and nothing is sent. */
  readonly metadata?: number
}

/** Options of `memory.client`. */
export interface ClientOptions {
  readonly wire: Wire
  /** Milliseconds for the answer, or the opening of a stream, where the context has no deadline. Default 5,000. */
  readonly timeout?: number | 'unbounded'
  /** What of the incoming metadata passes on, lower-case. Default: `passedOn` of the kernel. */
  readonly allow?: readonly string[]
  readonly limits?: ClientLimits
}

/** The endpoints of a contract's methods. Dispose it when done: it takes no calls then. */
export type Client<C> = ClientOf<C> & AsyncDisposable

const named: OptionNames<ClientOptions> = { wire: true, timeout: true, allow: true, limits: true }
const limitNames: OptionNames<ClientLimits> = { response: true, metadata: true }

/**
 * A contract's client over a wire: the same record of endpoints that `implement` takes, each failing with what its
 * method declares and `CallFailed`.
 *
 * @throws TypeError for a bad option.
 */
export function client<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  options: ClientOptions,
): Client<Contract<N, M>> {
  knownOptions('memory.client', options, named)
  const { wire, timeout, allow = passedOn, limits = {} } = options ?? ({} as ClientOptions)
  knownOptions('memory.client: limits', limits, limitNames)
  const line: Line = {
    name: wire?.name,
    ports: portsOf('memory.client', wire),
    allow,
    patience:
      timeout === 'unbounded' ? Number.POSITIVE_INFINITY : milliseconds('memory.client', 'timeout', timeout, 5_000),
    response: bytes('memory.client', 'response', limits.response, 10_485_760),
    metadata: bytes('memory.client', 'metadata', limits.metadata, 8_192),
    closed: false,
  }
  const record: Record<PropertyKey, unknown> = {
    [Symbol.asyncDispose]: async () => {
      line.closed = true
    },
  }
  for (const method of Object.values(contract.methods))
    if (method.kind !== 'event') record[method.name] = calling(method, line)
  return record as unknown as Client<Contract<N, M>>
}

/** What all methods of a client share. */
interface Line {
  readonly name: string
  readonly ports: ReadonlyMap<string, Port>
  readonly allow: readonly string[]
  readonly patience: number
  readonly response: number
  readonly metadata: number
  closed: boolean
}

const tooLarge = (limit: number): Failure =>
  remote({ code: 'internal', tag: 'AnswerTooLarge', message: `an answer may have ${limit} bytes` })

function calling(method: AnyMethod & MethodInfo, line: Line): Endpoint<unknown, unknown, Failure> {
  const { encodeInput, decodeOutput, encodeFailure, decodeFailure } = codecs(method)
  const writer: Writer = { value: encodeInput, failure: encodeFailure }
  const reader: Reader = { value: decodeOutput, failure: decodeFailure, limit: line.response, tooLarge }
  const sends = method.kind === 'clientStream' || method.kind === 'duplex'
  const receives = method.kind === 'serverStream' || method.kind === 'duplex'

  return endpoint((input: unknown, ctx: Context): Outcome | Promise<Outcome> => {
    const clock = clockOf(ctx)
    const now = clock.now()
    const metadata = outgoing(ctx, line.allow)
    const take = line.ports.get(method.contract)
    const refused = obstacle(line, ctx, now, metadata)
    if (refused !== undefined) return fail(refused)
    if (take === undefined) return fail(unavailable(`${method.contract} is not served on memory://${line.name}`))
    // A stream may last longer than it may take to open.
    const deadline = receives ? lastingDeadline(ctx) : ctx.deadline
    const until = deadline === Number.POSITIVE_INFINITY && !receives ? now + line.patience : deadline
    const body = sends
      ? sending(input as AsyncIterable<Outcome>, writer)
      : write({ _tag: 'Right', right: input }, writer)
    const running = take({
      method: method.name,
      metadata: [...metadata],
      timeout: until === Number.POSITIVE_INFINITY ? undefined : Math.max(1, Math.floor(until - now)),
      clock,
      input: body,
    })
    const limit = ctx.deadline === Number.POSITIVE_INFINITY ? line.patience : Number.POSITIVE_INFINITY
    return answered(running, ctx, limit).then((answer) =>
      typeof answer === 'string'
        ? read(answer, reader)
        : isTexts(answer)
          ? { _tag: 'Right', right: receiving(answer, ctx, reader) }
          : fail(answer),
    )
  }, method)
}

const isTexts = (answer: Texts | Ending): answer is Texts => 'next' in answer

/** The answer, or why nobody waits for it any more: the call has ended, or `ms` have passed. */
function answered({ answer, cancel }: Exchange, ctx: Context, ms: number): Promise<string | Texts | Ending> {
  return new Promise((resolve, reject) => {
    const clock = clockOf(ctx)
    let over = false
    const finish = (): void => {
      over = true
      listening?.[Symbol.dispose]()
      timer?.cancel()
    }
    const giveUp = (why: Ending): void => {
      finish()
      cancel(why)
      resolve(why)
    }
    let timer: Timer | undefined
    let listening: Disposable | undefined
    if (ms !== Number.POSITIVE_INFINITY)
      timer = clock.at(clock.now() + ms, () => giveUp(deadlineExceeded(`no answer within ${ms} ms`)))
    listening = onEnding(ctx, giveUp)
    if (over) listening[Symbol.dispose]()
    answer.then(finish, finish)
    answer.then(resolve, reject)
  })
}

/** Why a call is not even sent. */
function obstacle(line: Line, ctx: Context, now: number, metadata: Metadata): Failure | undefined {
  if (line.closed) return unavailable('this client is closed')
  if (ctx.deadline <= now) return deadlineExceeded()
  let size = 0
  for (const [key, value] of metadata) size += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (size > line.metadata)
    return invalidArgument([{ path: 'metadata', expected: `at most ${line.metadata} bytes`, actual: 'more' }])
  return endedBy(ctx)
}
