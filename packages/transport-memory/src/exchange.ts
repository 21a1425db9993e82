// One call on the server's side: decode, run, encode; from its request to the last item of its answer.
import { type AnyMethod, codecs, unavailable } from '@tenon/contract'
import {
  background,
  cancelled,
  defect,
  type Ending,
  type Endpoint,
  endedBy,
  type Failure,
  type MethodInfo,
  metadata,
  type Outcome,
  report,
  run,
  type Stream,
  type TelemetryListener,
  whenEnds,
  withCancel,
} from '@tenon/endpoint'
import { type Reader, read, receiving, type Sending, sending, type Writer, write } from './texts.ts'
import type { Exchange, Request, Texts } from './wire.ts'

/** What the calls of one method share. */
export interface Served {
  readonly method: AnyMethod & MethodInfo
  readonly endpoint: Endpoint<unknown, unknown, Failure>
  /** Bytes of an input. */
  readonly limit: number
  readonly onTelemetry: TelemetryListener | undefined
}

export interface ServerExchange extends Exchange {
  /** The server's time is up: the call is cancelled, and its caller told that the server went away. */
  cut(): void
}

const bodyTooLarge = 'BodyTooLarge'
const tooLarge = (limit: number): Failure => ({
  _tag: bodyTooLarge,
  code: 'invalid_argument',
  message: `an input may have ${limit} bytes`,
})

/** Runs a call. `ended` is told once, when the endpoint and the stream it answered have ended. */
export function exchange(
  { method, endpoint, limit, onTelemetry }: Served,
  { input, metadata: sent, timeout, clock }: Request,
  ended: (call: ServerExchange) => void,
): ServerExchange {
  const { decodeInput, decodeFailure, encodeOutput, encodeFailure } = codecs(method)
  const writer: Writer = { value: encodeOutput, failure: encodeFailure }
  const reader: Reader = { value: decodeInput, failure: decodeFailure, limit, tooLarge }
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout
  const scope = withCancel(background({ clock, deadline, metadata: metadata(sent) }))
  const { ctx } = scope
  const { promise, resolve } = Promise.withResolvers<string | Texts>()
  let opened: Sending | undefined
  let over = false

  const end = (): void => {
    if (over) return
    over = true
    scope[Symbol.dispose]()
    if (typeof input !== 'string') input.stop()
    ended(call)
  }

  const take = (): Outcome =>
    typeof input === 'string' ? read(input, reader) : { _tag: 'Right', right: receiving(input, ctx, reader) }

  async function work(): Promise<string | Texts> {
    const taken = take()
    if (taken._tag === 'Left') {
      const { left: failure } = taken
      if (failure._tag === bodyTooLarge)
        report(onTelemetry, { kind: 'server.rejected', transport: 'memory', reason: 'body-too-large', failure })
      return write(taken, writer)
    }
    const outcome = await run(endpoint, taken.right, ctx)
    if (outcome._tag === 'Left' || (method.kind !== 'serverStream' && method.kind !== 'duplex'))
      return write(outcome, writer)
    const texts = sending(whenEnds(outcome.right as Stream<unknown, Failure>, end), writer)
    opened = texts
    const ending = endedBy(ctx)
    if (ending !== undefined) stop(ending)
    return { next: () => texts.next().then((text) => text ?? cutShort()), stop }
  }

  /** A source that ends because its call has ended did not come to its end: the reader must not take it for that. */
  function cutShort(): string | undefined {
    const why = endedBy(ctx)
    return why === undefined ? undefined : write({ _tag: 'Left', left: why }, writer)
  }

  /** The source hears that the call is over before it is asked to return: it may be waiting for something else. */
  function stop(why: Ending = cancelled('the reader of the stream stopped')): void {
    if (!over) scope.cancel(why)
    opened?.stop()
  }

  const call: ServerExchange = {
    answer: promise,
    cancel: stop,
    cut() {
      const failure = unavailable('the server stopped before the call had ended')
      scope.cancel(cancelled(failure.message))
      resolve(write({ _tag: 'Left', left: failure }, writer))
      opened?.breakOff(failure)
      // An endpoint that does not listen must not keep whoever drains.
      end()
    },
  }
  // A wire is never synchronous: whoever sends goes on first.
  Promise.resolve()
    .then(work)
    .catch((cause: unknown) => {
      // What an endpoint throws is a Defect already: this is an answer that the codec of its method does not take.
      report(onTelemetry, { kind: 'defect', method, cause })
      return write({ _tag: 'Left', left: defect(cause) }, writer)
    })
    .then((answer) => {
      if (opened === undefined) end()
      resolve(answer)
    })
  return call
}
