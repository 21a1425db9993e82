// One opossum breaker, made to count calls as they end, so that it can be asked and told like any other circuit.
import type { BreakerState } from '@tenon/endpoint'
import CircuitBreaker from 'opossum'

/** What opossum is told; all of it, since its own defaults are traps. */
export interface Settings {
  readonly errorThresholdPercentage: number
  readonly volumeThreshold: number
  readonly resetTimeout: number
  readonly rollingCountTimeout: number
  readonly rollingCountBuckets: number
  readonly allowWarmUp: boolean
  /** Ours: milliseconds after which a probe that has not ended gives its place to another. */
  readonly probeTimeout: number
  readonly tell: (from: BreakerState, to: BreakerState) => void
}

/** Leave to make one call: the phase in which it was given, and when. */
export interface Leave {
  readonly phase: number
  readonly at: number
}

/** What is thrown for a failure: opossum only looks whether there is one. */
const failure: unique symbol = Symbol('failure')

/** A success that is known already: opossum takes anything with a `then`. */
const success = {
  // biome-ignore lint/suspicious/noThenProperty: that is what opossum asks for
  then: (succeed: () => void) => {
    succeed()
    return { catch: () => {} }
  },
}

export class Trial {
  readonly #settings: Settings
  #breaker: CircuitBreaker<[failed: boolean], void>
  #state: BreakerState = 'closed'
  /** Each transition begins another one: what was admitted before it changes nothing. */
  #phase = 0
  #opened = 0
  #probe: Leave | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#breaker = this.#make()
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Milliseconds until the next probe may be admitted, see `CircuitOpen`. */
  retryAfter(now: number): number {
    return this.#state === 'open' ? Math.max(0, this.#opened + this.#settings.resetTimeout - now) : 0
  }

  admit(now: number): Leave | undefined {
    if (this.#state === 'open') return undefined
    const leave = { phase: this.#phase, at: now }
    if (this.#state === 'closed') return leave
    if (this.#probe !== undefined && now - this.#probe.at < this.#settings.probeTimeout) return undefined
    this.#probe = leave
    return leave
  }

  /** `undefined`: it says nothing about the dependency. */
  record(leave: Leave, failed: boolean | undefined): void {
    if (leave === this.#probe) this.#probe = undefined
    if (leave.phase !== this.#phase || failed === undefined) return
    // The call is over: opossum is told now, so that it counts what ended, and neither what is under way nor what it refused.
    this.#breaker.fire(failed).catch(() => {})
  }

  /** It is forgotten: nobody goes on believing that it is open. */
  retire(): void {
    this.shutdown()
    if (this.#state !== 'closed') this.#turn('closed')
  }

  /** Ends its timers. */
  shutdown(): void {
    this.#breaker.shutdown()
  }

  #make(): CircuitBreaker<[failed: boolean], void> {
    const { tell: _, probeTimeout: __, ...theirs } = this.#settings
    // An object of its own for each: opossum changes what it is given, and keeps it.
    const options = { ...theirs, timeout: false as const, enableSnapshots: false, rollingPercentilesEnabled: false }
    const breaker = new CircuitBreaker<[failed: boolean], void>(act, options)
    breaker.on('open', () => {
      this.#opened = performance.now()
      this.#turn('open')
    })
    breaker.on('halfOpen', () => this.#turn('halfOpen'))
    // It does not clear its window when it closes: one failure more, and it would be open again.
    breaker.on('close', () => {
      breaker.shutdown()
      this.#breaker = this.#make()
      this.#turn('closed')
    })
    return breaker
  }

  #turn(state: BreakerState): void {
    const from = this.#state
    this.#state = state
    this.#phase++
    this.#probe = undefined
    this.#settings.tell(from, state)
  }
}

/** What opossum guards: nothing but the word of how the call ended. */
function act(failed: boolean): Promise<void> {
  if (failed) throw failure
  return success as unknown as Promise<void>
}
