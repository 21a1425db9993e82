// The calls of one HTTP request, run side by side within bounds and answered in their order.
import { statusOf } from '@tenon/contract'
import { type Context, type Ending, type Failure, type Outcome, onEnding } from '@tenon/endpoint'
import type { Gate } from '../gate.ts'
import type { Reply, ServerRequest } from '../reply.ts'
import type { RpcOutcome } from './call.ts'
import { Calling, type Service, type Shared } from './calling.ts'
import type { Message } from './message.ts'

/** By the context they run in: those whose HTTP request is over before they are. */
const over = new WeakMap<Context, Handling>()

/** What runs in this context and must be answered before it is done. */
export const handlingOver = (ctx: Context): Handling | undefined => over.get(ctx)

export class Handling {
  readonly #service: Service
  readonly #open: Gate
  readonly #message: Message
  readonly #shared: Shared
  readonly #others: Promise<void>[] = []
  #calls: readonly Calling[] = []
  #next = 0
  #workers = 1
  #ended: Ending | undefined

  constructor(service: Service, open: Gate, message: Message, request: ServerRequest) {
    this.#service = service
    this.#open = open
    this.#message = message
    this.#shared = { request, reply: { status: 0, headers: {} }, room: service.limits.answer }
  }

  /** Runs all calls; ends when the last of them has, also where nobody waits any more. */
  async run(ctx: Context): Promise<Outcome> {
    this.#calls = this.#message.elements.map((element) => new Calling(this.#service, this.#shared, element, ctx))
    const listening = onEnding(ctx, (why) => {
      this.#ended = why
      over.set(ctx, this)
      for (const calling of this.#calls) calling.end(why)
    })
    await this.#work()
    if (this.#others.length > 0) await Promise.all(this.#others)
    listening[Symbol.dispose]()
    return this.#ended === undefined ? { _tag: 'Right', right: this } : { _tag: 'Left', left: this.#ended }
  }

  async #work(): Promise<void> {
    while (this.#next < this.#calls.length && this.#ended === undefined) {
      const calling = this.#calls[this.#next++] as Calling
      // Begun before others are hired: calls begin in their order.
      const running = calling.run()
      this.#hire()
      await running
    }
  }

  /** One more at work, where the batch's bound and the server's gate have room; the first one has the place of the request. */
  #hire(): void {
    if (this.#next >= this.#calls.length || this.#workers >= this.#service.limits.parallel) return
    if (this.#open.enter() !== undefined) return
    this.#workers++
    this.#others.push(
      this.#work().then(() => {
        this.#workers--
        this.#open.leave()
      }),
    )
  }

  /** Puts the responses into the HTTP answer; none where all calls were notifications. */
  write(reply: Reply): void {
    const { status, headers } = this.#shared.reply
    Object.assign(reply.headers, headers)
    if (status !== 0) reply.status = status
    const responses = this.#calls.flatMap(({ response = [] }) => response)
    if (responses.length === 0) return
    reply.body = this.#message.batch ? `[${responses.join(',')}]` : responses[0]
    reply.headers['content-type'] ??= 'application/json'
  }

  /** Answers before all calls are done: those that are not get this failure. */
  conclude(failure: Failure, reply: Reply): void {
    for (const calling of this.#calls) calling.conclude()
    this.write(reply)
    if (reply.status === 0) reply.status = reply.body === undefined ? statusOf(failure.code) : 200
  }

  /** What finalizers are told of the calls. */
  get told(): { readonly calls: readonly RpcOutcome[]; readonly outcome: Outcome } {
    const calls = this.#calls.map(({ request, outcome = nothing }) => ({ request, outcome }))
    return { calls, outcome: this.#message.batch ? nothing : (calls[0]?.outcome ?? nothing) }
  }
}

const nothing: Outcome = { _tag: 'Right', right: undefined }
