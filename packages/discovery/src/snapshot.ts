// An instancer that remembers: its last good set is kept in a file, so that a process starts warm while its registry is
// down.
import {
  type Clock,
  knownOptions,
  type OptionNames,
  report,
  systemClock,
  type TelemetryListener,
} from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import { type Instancer, type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'
import { readSnapshot, sweepSnapshot } from './snapshot-file.ts'
import { type Keeping, keep } from './snapshot-keeper.ts'

/** Options of {@link snapshot}. Times are milliseconds. */
export interface SnapshotOptions {
  /** Where it is kept. Folders are made. One file for each service; processes may share one: the last to write counts. */
  readonly file: string
  /**
   * A set that the registry confirmed longer ago does not serve: its addresses may be somebody else's by now. Default
   * 86,400,000 (a day).
   */
  readonly maxAge?: number | undefined
  /** Between a change and the writing: changes that come sooner after it are written with it. Default 1,000. */
  readonly delay?: number | undefined
  /** What disposing waits for the last writing. Default 5,000. */
  readonly closeTimeout?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  /** The time of day in milliseconds since 1970, for the age of a file. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Hears `discovery.snapshot`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

const named: OptionNames<SnapshotOptions> = {
  file: true,
  maxAge: true,
  delay: true,
  closeTimeout: true,
  clock: true,
  now: true,
  onTelemetry: true,
}

/**
 * The same instancer, with a file beside it. When somebody subscribes and the registry has not answered by the time the
 * file is read, what is in it serves, with an error beside it, until the registry answers. Every good set that is not
 * empty is written to the file. A file that is missing, corrupt, old or not ours stops nothing; telemetry tells.
 * Disposing writes what is not written yet, and leaves the inner instancer as it is.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function snapshot(inner: Instancer, options: SnapshotOptions): Instancer {
  const { service } = inner
  const where = `snapshot of ${service}`
  knownOptions(where, options, named)
  const { file, maxAge = 86_400_000, delay = 1_000, closeTimeout = 5_000, clock = systemClock } = options
  const { now = Date.now, onTelemetry } = options
  if (typeof file !== 'string' || file === '') throw new TypeError(`${where}: "file" must be the path of a file`)
  numberOption(where, 'maxAge', maxAge, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'delay', delay, { min: 0, unit: 'milliseconds' })
  numberOption(where, 'closeTimeout', closeTimeout, { min: 0, unit: 'milliseconds' })
  functionOption(where, 'now', now)
  const parts: Keeping = { file, service, maxAge, delay, closeTimeout, clock, now, onTelemetry }
  return instancerOf({
    service,
    // What the registry says is reported by the inner one.
    onTelemetry: () => {},
    start: (sink) => remember(inner, sink, parts),
  })
}

function remember(inner: Instancer, sink: InstanceSink, parts: Keeping): () => Promise<void> {
  const { file, service, maxAge, now, onTelemetry } = parts
  const keeper = keep(parts)
  let state: InstanceState = { instances: undefined, error: undefined }
  let stopped = false

  const subscription = inner.subscribe((heard) => {
    state = heard
    const { instances, error } = heard
    if (instances !== undefined) sink.set(instances)
    if (error !== undefined) sink.fail(error)
    keeper.heard(error === undefined ? instances : undefined)
  })

  async function load(): Promise<void> {
    const refuse = (error: unknown): void => report(onTelemetry, { kind: 'discovery.error', service, error })
    const read = await readSnapshot(file, service, maxAge, now(), refuse)
    void sweepSnapshot(file, now())
    if (stopped) return
    const event = { kind: 'discovery.snapshot', service } as const
    if ('why' in read) return report(onTelemetry, { ...event, state: 'unused', ...read })
    const { instances, age } = read
    const size = instances.length
    if (state.instances !== undefined) return report(onTelemetry, { ...event, state: 'unused', why: 'late', size, age })
    report(onTelemetry, { ...event, state: 'loaded', size, age })
    sink.set(instances)
    sink.fail(state.error ?? new Error(`the registry has not answered yet: a set confirmed ${age} ms ago serves`))
  }
  void load()
  return () => {
    stopped = true
    subscription[Symbol.dispose]()
    return keeper.close()
  }
}
