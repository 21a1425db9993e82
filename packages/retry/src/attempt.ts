// The attempts of one call: what a balancer reads of each, and what tells the next hop that it is a repetition.
import { type Attempt, type Context, withAttempt, withMetadata } from '@tenon/endpoint'

/** The metadata key that carries an attempt's number to the next hop, from the second on. */
export const attemptKey = 'x-attempt'

// The set is made when somebody asks: most calls are over after the first attempt, and nobody did.
export class Try implements Attempt {
  readonly number: number
  readonly #first: Try
  #tried: Set<string> | undefined
  /** How many instances were tried before. */
  readonly #before: number

  constructor(number: number, first: Try | undefined, tried: Set<string> | undefined) {
    this.number = number
    this.#tried = tried
    this.#first = first ?? this
    this.#before = this.#count
  }

  get tried(): Set<string> {
    const first = this.#first
    first.#tried ??= new Set()
    return first.#tried
  }

  /** Has a balancer picked an instance for it? Then another attempt can go to another. */
  get picked(): boolean {
    return this.#count > this.#before
  }

  /** The attempt after this one. */
  next(): Try {
    return new Try(this.number + 1, this.#first, undefined)
  }

  get #count(): number {
    return this.#first.#tried?.size ?? 0
  }
}

/** The first attempt of a call. It goes on with the instances that a hedge or retry around it has tried. */
export const firstTry = (ctx: Context): Try => new Try(1, undefined, ctx.attempt?.tried)

/** The call as this attempt. */
export const contextOf = (ctx: Context, attempt: Try): Context =>
  attempt.number === 1
    ? withAttempt(ctx, attempt)
    : withMetadata(withAttempt(ctx, attempt), { [attemptKey]: String(attempt.number) })

/** Is this call a repetition already, by somebody further out, be it in this process or a hop before? */
export const isRepetition = (ctx: Context): boolean =>
  (ctx.attempt?.number ?? 1) > 1 || (ctx.metadata.size > 0 && Number(ctx.metadata.get(attemptKey)) > 1)
