// The context itself: one class whose own keys are what guards provided, all else in private fields.
import { systemClock } from './clock.ts'
import { Life } from './life.ts'
import { type Metadata, noMetadata } from './metadata.ts'

/** Which attempt a call is, and where the ones before it went. Opened by retry and hedge, read by balancers. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  /** The instances that were tried; a balancer adds the one it picks and avoids the others. */
  readonly tried: Set<string>
}

/** What every call carries. Do not spread it (`{ ...ctx }` loses the signal): `extend(ctx, fields)`. */
export interface Context {
  /** Aborts when the caller gives up or the deadline passes. Made when it is first read. */
  readonly signal: AbortSignal
  /** When the time is up, in milliseconds of the call's clock; `Infinity` when never. */
  readonly deadline: number
  /** What travels beside the call; keys are lower-case. */
  readonly metadata: Metadata
  readonly attempt?: Attempt | undefined
}

export class Carried implements Context {
  readonly #life: Life
  readonly #metadata: Metadata
  /** What the caller set for this hop, as against what came in with the call. */
  readonly #own: Metadata
  readonly #attempt: Attempt | undefined

  constructor(life: Life, metadata: Metadata, own: Metadata, attempt: Attempt | undefined) {
    this.#life = life
    this.#metadata = metadata
    this.#own = own
    this.#attempt = attempt
  }

  get signal(): AbortSignal {
    return this.#life.signal
  }
  get deadline(): number {
    return this.#life.deadline
  }
  get metadata(): Metadata {
    return this.#metadata
  }
  get attempt(): Attempt | undefined {
    return this.#attempt
  }

  static is(ctx: Context): ctx is Carried {
    return #life in ctx
  }
  static life(ctx: Carried): Life {
    return ctx.#life
  }
  static own(ctx: Carried): Metadata {
    return ctx.#own
  }
  /** The same fields in another life. */
  static relive(ctx: Carried, life: Life): Carried {
    return copyFields(ctx, new Carried(life, ctx.#metadata, ctx.#own, ctx.#attempt))
  }
  static reword(ctx: Carried, all: Metadata, own: Metadata): Carried {
    return copyFields(ctx, new Carried(ctx.#life, all, own, ctx.#attempt))
  }
  static retry(ctx: Carried, attempt: Attempt | undefined): Carried {
    return copyFields(ctx, new Carried(ctx.#life, ctx.#metadata, ctx.#own, attempt))
  }
  /** Without the fields. */
  static bare(ctx: Carried): Carried {
    return new Carried(ctx.#life, ctx.#metadata, ctx.#own, ctx.#attempt)
  }
}

type Fields = Record<string, unknown>

// Own keys are the extensions and nothing else: everything of the kernel's lives in private fields. Copying them onto
// an instance of one class costs tens of nanoseconds, a prototype chain more than a thousand (docs/decisions/0011).
export function copyFields(from: Carried, to: Carried): Carried {
  for (const key in from) (to as unknown as Fields)[key] = (from as unknown as Fields)[key]
  return to
}

/** A context that was not made by the kernel (a test's literal, another version's) joins in; a spread copy cannot. */
export function carried(ctx: Context): Carried {
  if (Carried.is(ctx)) return ctx
  if (!(ctx?.signal instanceof AbortSignal) || typeof ctx.deadline !== 'number' || !(ctx.metadata instanceof Map))
    throw new TypeError(
      'this is no Context (was it copied by spread? extend(ctx, fields) adds to one, background() makes one)',
    )
  const life = new Life(systemClock, undefined, ctx.deadline, ctx.signal)
  const to = new Carried(life, ctx.metadata, noMetadata, ctx.attempt)
  for (const key of Object.keys(ctx))
    if (!reserved.has(key)) (to as unknown as Fields)[key] = (ctx as unknown as Fields)[key]
  return to
}

const reserved: ReadonlySet<string> = new Set(['signal', 'deadline', 'metadata', 'attempt'])
