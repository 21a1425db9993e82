// The contexts of the attempts of one call: what a balancer reads, and what tells the next hop that this is a repetition.
import { type Attempt, type Context, withAttempt, withMetadata } from '@tenon/endpoint'

/** The metadata key that carries an attempt's number to the next hop, from the second on. */
export const attemptKey = 'x-attempt'

// The set is made when somebody asks: most calls are over after the first attempt, and nobody did.
class Try implements Attempt {
  readonly number: number
  readonly #first: Try
  #tried: Set<string> | undefined

  constructor(number: number, before: Try | undefined, tried?: Set<string>) {
    this.number = number
    this.#first = before === undefined ? this : before.#first
    this.#tried = tried
  }
  get tried(): Set<string> {
    const first = this.#first
    first.#tried ??= new Set()
    return first.#tried
  }
  get count(): number {
    return this.#first.#tried?.size ?? 0
  }
}

/** An attempt under way. */
export interface Started {
  readonly number: number
  readonly ctx: Context
  /** Has a balancer picked an instance for it? Then another attempt can go to another. */
  picked(): boolean
  /** The attempt after this one. */
  next(): Started
}

/** The first attempt of a call. It goes on with the instances that a hedge or retry around it has tried. */
export const firstAttempt = (ctx: Context): Started => started(ctx, new Try(1, undefined, ctx.attempt?.tried))

function started(ctx: Context, attempt: Try): Started {
  const { number, count } = attempt
  const own = withAttempt(ctx, attempt)
  return {
    number,
    ctx: number === 1 ? own : withMetadata(own, { [attemptKey]: String(number) }),
    picked: () => attempt.count > count,
    next: () => started(ctx, new Try(number + 1, attempt)),
  }
}

/** Is this call a repetition already, by somebody further out, be it in this process or a hop before? */
export const isRepetition = (ctx: Context): boolean =>
  (ctx.attempt?.number ?? 1) > 1 || (ctx.metadata.size > 0 && Number(ctx.metadata.get(attemptKey)) > 1)
