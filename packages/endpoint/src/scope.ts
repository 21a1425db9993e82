// Contexts with an end of their own: cancelled by whoever made them, by a signal, or when a time is up.
import { Carried, type Context, carried } from './carried.ts'
import { cancelled } from './failure.ts'
import type { Ending, Life } from './life.ts'

/** A context with an end of its own. Dispose it (or `cancel`) when the call is over, else its parent remembers it. */
export interface Scope<C extends Context = Context> extends Disposable {
  readonly ctx: C
  /** Ends the call. `why`: `Cancelled` by default. */
  cancel(why?: Ending): void
}

// A class, because a literal with a computed key costs 250 ns, and every call of a server or a client makes one.
class Lived<C extends Context> implements Scope<C> {
  readonly ctx: C
  readonly #life: Life
  constructor(ctx: C, life: Life) {
    this.ctx = ctx
    this.#life = life
  }
  /** A closure, so that it may be taken out of the scope and handed on; made when it is asked for, which is rare. */
  get cancel(): (why?: Ending) => void {
    const life = this.#life
    return (why = cancelled()) => life.end(why)
  }
  [Symbol.dispose](): void {
    this.#life.finish()
  }
}

function scope<C extends Context>(ctx: C, deadline: number, foreign?: AbortSignal): Scope<C> {
  const parent = carried(ctx)
  const life = Carried.life(parent).child(deadline, foreign)
  return new Lived(Carried.relive(parent, life) as unknown as C, life)
}

/** A child that ends with its parent, or when `cancel` is called, or when `signal` aborts. */
export const withCancel = <C extends Context>(ctx: C, signal?: AbortSignal): Scope<C> =>
  scope(ctx, Number.POSITIVE_INFINITY, signal)

/** A child whose deadline (milliseconds of the context's clock) is this one or its parent's, whichever is earlier. */
export const withDeadline = <C extends Context>(ctx: C, deadline: number): Scope<C> => scope(ctx, deadline)

/** A child that has `ms` milliseconds from now, or what its parent has left. */
export const withTimeout = <C extends Context>(ctx: C, ms: number): Scope<C> =>
  scope(ctx, Carried.life(carried(ctx)).clock.now() + ms)
