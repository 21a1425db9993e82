// The run group: services started in order, kept until something says stop, drained in reverse.
import { type Clock, knownOptions, type OptionNames, systemClock, type TelemetryListener } from '@tenon/endpoint'
import { choiceOption, functionOption, numberOption } from '@tenon/policy'
import { appOf, type Why } from './app.ts'
import { type DrainFailure, drainAll } from './drain.ts'
import { watchProcess } from './process.ts'
import { type Service, unitsOf } from './service.ts'
import { startAll } from './start.ts'

/** Options of {@link run}. Times are milliseconds. */
export interface RunOptions {
  /** For messages and telemetry. */
  readonly name: string
  /** Started in this order, drained in the reverse of it. What can only be disposed (a client) is disposed in its turn. */
  readonly services: readonly (Service | AsyncDisposable)[]
  /** How long the drain may take. */
  readonly drain?: {
    /** How long to go on serving when readiness is off and the registrations are withdrawn. 0: not at all. Default 2,000. */
    readonly propagation?: number
    /** How long all services together may take to finish what they have in flight and close. Default 20,000. */
    readonly inFlight?: number
  }
  /** How long one service may take to start. Default 30,000. */
  readonly startTimeout?: number
  /** Drain on these; a second one ends the process at once. `[]` leaves the process alone. Default SIGINT and SIGTERM. */
  readonly signals?: readonly NodeJS.Signals[]
  /** Drain when this aborts. */
  readonly signal?: AbortSignal
  /**
   * Errors that nobody caught, unhandled rejections too: `drain` prints them, drains, and exits with 1; `leave` leaves
   * them to Node. Default `drain`, and `leave` when `signals` is empty.
   */
  readonly uncaught?: 'drain' | 'leave'
  /** Hears every step (`drain.step`). Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
  /** Default `systemClock`. */
  readonly clock?: Clock
  /**
   * Ends the process. Default: after a drain `process.exitCode`, so that what follows `run` still runs; after a second
   * signal or an uncaught error `process.exit`. Given, it is called in all three cases.
   */
  readonly exit?: (code: number) => void
}

/** How an app ended. */
export interface Ended {
  readonly why: Exclude<Why, { readonly error: unknown }>
  /** The services that threw or were cut off while they drained. Empty: all calls in flight were finished. */
  readonly failures: readonly DrainFailure[]
}

/** What `run` rejects with when a service could not start or broke, or an error went uncaught. All is drained by then. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly why: Extract<Why, { readonly error: unknown }>
  readonly failures: readonly DrainFailure[]
  constructor(app: string, why: Extract<Why, { readonly error: unknown }>, failures: readonly DrainFailure[]) {
    super(`app "${app}": ${sentence(why)}: ${why.error instanceof Error ? why.error.message : String(why.error)}`, {
      cause: why.error,
    })
    this.why = why
    this.failures = failures
  }
}

const sentence = (why: Extract<Why, { readonly error: unknown }>): string => {
  if (why.kind === 'uncaught') return 'an error was not caught'
  return why.kind === 'notStarted' ? `service "${why.service}" did not start` : `service "${why.service}" broke`
}

const named: OptionNames<RunOptions> = {
  name: true,
  services: true,
  drain: true,
  startTimeout: true,
  signals: true,
  signal: true,
  uncaught: true,
  onTelemetry: true,
  clock: true,
  exit: true,
}

const drainOptions: OptionNames<NonNullable<RunOptions['drain']>> = { propagation: true, inFlight: true }

/**
 * Starts the services one after the other and resolves when all are drained: after a signal, when `signal` aborts, or
 * when a service ends by itself. The drain turns readiness off, drains what `announces`, waits for propagation, then
 * drains the others in reverse. One that throws or hangs never stops the others.
 *
 * The process ends with 0 after a clean drain, with 1 when a service failed to drain, with 128 and the signal's number
 * after a second signal.
 *
 * @throws RunError when a service could not start or broke, or an error went uncaught; TypeError or RangeError on a bad option.
 */
export async function run(options: RunOptions): Promise<Ended> {
  const { name, drain = {}, signals = ['SIGINT', 'SIGTERM'], signal, onTelemetry, clock = systemClock } = options
  knownOptions('run', options, named)
  knownOptions('run: drain', drain, drainOptions)
  if (typeof name !== 'string' || name === '') throw new TypeError('run: "name" must be a text that is not empty')
  const uncaught = choiceOption('run', 'uncaught', options.uncaught ?? (signals.length > 0 ? 'drain' : 'leave'), [
    'drain',
    'leave',
  ])
  const exit = options.exit === undefined ? undefined : functionOption('run', 'exit', options.exit)
  const ms = (option: string, value: number, range: { min: number } | { above: number }): number =>
    numberOption('run', option, value, { ...range, unit: 'milliseconds' })
  const app = appOf(
    {
      name,
      units: unitsOf(options.services),
      clock,
      startTimeout: ms('startTimeout', options.startTimeout ?? 30_000, { above: 0 }),
      propagation: ms('drain.propagation', drain.propagation ?? 2_000, { min: 0 }),
      inFlight: ms('drain.inFlight', drain.inFlight ?? 20_000, { above: 0 }),
    },
    onTelemetry,
  )
  const watched = watchProcess(app, signals, uncaught === 'drain', exit ?? process.exit)
  const aborted = (): void => app.stop({ kind: 'aborted' })
  if (signal?.aborted === true) aborted()
  else signal?.addEventListener('abort', aborted)

  let failures: readonly DrainFailure[]
  try {
    await startAll(app)
    await stopped(app.stopping)
    failures = await drainAll(app)
  } finally {
    watched[Symbol.dispose]()
    signal?.removeEventListener('abort', aborted)
  }
  const why = app.stopping.reason as Why
  if ('error' in why) {
    if (why.kind === 'uncaught') (exit ?? process.exit)(1)
    throw new RunError(name, why, failures)
  }
  if (signals.length > 0) (exit ?? endWith)(failures.length === 0 ? 0 : 1)
  return { why, failures }
}

const endWith = (code: number): void => {
  if (code !== 0) process.exitCode = code
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
