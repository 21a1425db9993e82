// One request that is answered with a stream: its head when the stream opens, its items as events, and a last event that
// says how it ended, so that a connection that breaks is never taken for an end.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Resumption, unavailable } from '@tenon/contract'
import {
  cancelled,
  deadlineExceeded,
  type Ending,
  type Failure,
  isStream,
  type Ok,
  type Outcome,
  stream,
  systemRandom,
} from '@tenon/endpoint'
import { Exchange } from '../exchange.ts'
import type { Flow } from '../flow.ts'
import type { Gate } from '../gate.ts'
import { goingAway, notAcceptable, type Refusal } from '../refusal.ts'
import { newReply } from '../reply.ts'
import type { Params } from '../routes.ts'
import { acceptsEvents, eventStream } from './accept.ts'
import { endId, eventText } from './event.ts'
import { Feed, type Feeding, type Owner } from './feed.ts'

/** What the streams of one method share. */
export interface Streaming extends Feeding {
  /** An item as the text of an event. */
  readonly text: (item: unknown) => string
  readonly resumption: Resumption | undefined
}

/** Milliseconds in which the readers of a server that stops come back: not all at once. */
const spread = { from: 500, to: 2_500 }

const leaving = unavailable(goingAway.failure.message)

/** A stream may be silent for long, and its client as well. */
const stay = (): void => {}

const done: Outcome = { _tag: 'Right', right: undefined }

export class StreamExchange extends Exchange implements Owner {
  readonly #streaming: Streaming
  #feed: Feed | undefined

  constructor(
    flow: Flow,
    streaming: Streaming,
    req: IncomingMessage,
    res: ServerResponse,
    gate: Gate,
    params: Params | undefined,
  ) {
    super(flow, req, res, gate, params)
    this.#streaming = streaming
  }

  protected override check(): Refusal | undefined {
    const { accept, 'last-event-id': lastId } = this.request.headers
    if (!acceptsEvents(accept)) return notAcceptable
    if (lastId !== endId) return super.check()
    this.send({ ...newReply(), status: 204 }, done)
    return undefined
  }

  /** The endpoint has answered: the stream is open. */
  protected override succeeded({ right }: Ok<unknown>): void {
    const source = isStream(right) ? right : stream(right as AsyncIterable<Outcome>)
    let items: AsyncIterator<Outcome>
    try {
      items = source[Symbol.asyncIterator]()
    } catch (cause) {
      this.fail(this.caught(cause), 'endpoint')
      return
    }
    // Nothing has been read: whoever asked may ask another server.
    const failure = this.gate.draining && this.#streaming.resumption ? leaving : this.#head()
    this.running = true
    if (failure === undefined && this.request.method !== 'HEAD') this.#begin(items)
    else {
      if (failure === undefined) this.#end(done)
      else this.fail(failure, 'encode')
      this.#free(Promise.resolve(items.return?.()))
    }
  }

  /** Sends the head, or says why it cannot. */
  #head(): Failure | undefined {
    const reply = newReply()
    const { headers } = reply
    try {
      for (const hook of this.flow.after) this.ctx = hook(this.ctx, reply) ?? this.ctx
      // An EventSource takes no other status.
      reply.status = 200
      headers['content-type'] = eventStream
      delete headers['content-length']
      headers['cache-control'] ??= 'no-store'
      // Proxies after nginx's manner collect an answer before they pass it on, unless they are told.
      headers['x-accel-buffering'] ??= 'no'
      const { every } = this.#streaming.pulse
      if (every < Number.POSITIVE_INFINITY) headers['heartbeat-ms'] = String(every)
      if (this.close || this.gate.draining) headers.connection = 'close'
      this.res.writeHead(reply.status, headers as Record<string, string | string[]>)
    } catch (cause) {
      return this.caught(cause)
    }
    this.sent = reply
    return undefined
  }

  #begin(items: AsyncIterator<Outcome>): void {
    // Whoever listens keeps Node from destroying a connection that is silent.
    this.res.on('timeout', stay)
    this.timer?.cancel()
    if (this.until < Number.POSITIVE_INFINITY)
      this.timer = this.#streaming.clock.at(this.until, () => this.#cut(deadlineExceeded()))
    this.#feed = new Feed(items, this.res, this.#streaming, this)
    this.#feed.start()
  }

  text(item: unknown): string {
    return this.#streaming.text(item)
  }

  ended(failure?: Failure): void {
    this.running = false
    if (failure === undefined) {
      this.#feed?.last(eventText({ type: 'end', id: endId, data: '{}' }))
      this.#end(done)
    } else this.#failed(failure, 'endpoint')
  }

  broke(cause: unknown): void {
    this.#failed(this.caught(cause), 'encode')
    this.#stop()
  }

  blocked(): void {
    this.waits(this.res.writableLength)
  }
  drained(): void {
    this.gate.waiting.remove(this.res)
  }
  unread(): void {
    this.request.raw.socket.destroy()
  }

  retiring(): void {
    // Others may still end in time: they would have to begin anew.
    if (this.#streaming.resumption !== undefined) this.#cut(cancelled(leaving.message), leaving)
  }

  override cancel(): void {
    if (this.#feed === undefined) super.cancel()
    else {
      this.#cut(cancelled('the server is stopping'), leaving)
      // The socket is destroyed now: what was written must leave before.
      const { socket } = this.request.raw
      while (socket.writableCorked > 0) socket.uncork()
    }
  }

  override closed(): void {
    const open = !this.answered
    super.closed()
    if (open) this.#stop()
  }

  protected override dropped(outcome: Outcome): void {
    super.dropped(outcome)
    if (outcome._tag === 'Right' && isStream(outcome.right)) void outcome.right[Symbol.asyncIterator]().return?.()
  }

  protected override bytes(aborted: boolean): number {
    return this.#feed?.bytes ?? super.bytes(aborted)
  }

  /** Ends a stream whose source would go on. The source hears that the call is over before it is asked to stop. */
  #cut(why: Ending, told: Failure = why): void {
    if (this.answered || this.#feed === undefined) return
    this.scope.cancel(why)
    this.#failed(told, 'endpoint')
    this.#stop()
  }

  #failed(failure: Failure, where: 'endpoint' | 'encode'): void {
    this.tell(failure, where)
    const body = String(this.problem(failure, 0).body)
    // The one failure after which a reader comes back: its id stays the last item's.
    const again = failure === leaving && this.#streaming.resumption !== undefined
    const retry = Math.round(spread.from + systemRandom() * (spread.to - spread.from))
    this.#feed?.last(eventText({ type: 'failure', data: body, ...(again ? { retry } : { id: endId }) }))
    this.#end({ _tag: 'Left', left: failure })
  }

  #end(outcome: Outcome): void {
    const { res } = this
    const { socket } = this.request.raw
    if (this.flow.finalize.length > 0) res.once('finish', () => this.finalize(false))
    if (this.close) res.once('finish', () => socket.destroySoon())
    res.off('timeout', stay)
    this.end(outcome)
    res.end()
    if (res.writableLength > 0) this.waits(res.writableLength)
  }

  /** Stops the source, which counts among what runs until it has. */
  #stop(): void {
    if (this.#feed !== undefined) this.#free(this.#feed.stop())
  }

  #free(closed: Promise<unknown>): void {
    const free = (): void => {
      this.running = false
      this.release()
    }
    closed.then(free, free)
  }
}
