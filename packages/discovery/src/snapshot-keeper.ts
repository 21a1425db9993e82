// When a snapshot is written: soon after a change, one writing at a time, and now and then while nothing changes, since
// what counts is when the registry last confirmed it.
import { type Clock, report, type TelemetryListener, type Timer } from '@tenon/endpoint'
import type { Instance } from './instance.ts'
import { writeSnapshot } from './snapshot-file.ts'

/** What a keeper needs to know. Times are milliseconds. */
export interface Keeping {
  readonly file: string
  readonly service: string
  readonly maxAge: number
  readonly delay: number
  readonly closeTimeout: number
  readonly clock: Clock
  readonly now: () => number
  readonly onTelemetry: TelemetryListener | undefined
}

export interface Keeper {
  /** The registry said so, `undefined`: it cannot be asked. */
  heard(instances: readonly Instance[] | undefined): void
  /** Writes what is not written yet, and waits for it, but not for ever. */
  close(): Promise<void>
}

/** A file is written anew at least so often while its set is good. */
const longest = 3_600_000

/** What could not be written is tried again after so many milliseconds, at the latest. */
const later = 30_000

export function keep({ file, service, maxAge, delay, closeTimeout, clock, now, onTelemetry }: Keeping): Keeper {
  const refresh = Math.min(maxAge / 4, longest)
  let latest: readonly Instance[] = []
  /** When the registry last confirmed it; `undefined`: it does so now. */
  let confirmed: number | undefined
  let changed = false
  let closed = false
  let timer: Timer | undefined
  let writing: Promise<void> | undefined

  function plan(wait: number): void {
    timer?.cancel()
    timer = clock.at(clock.now() + wait, () => {
      timer = undefined
      write()
    })
  }

  /** One at a time; what changes meanwhile is written after it. */
  function write(): void {
    if (writing !== undefined) return
    changed = false
    const instances = latest
    writing = writeSnapshot(file, service, instances, confirmed ?? now())
      .then(
        () => {
          report(onTelemetry, { kind: 'discovery.snapshot', service, state: 'saved', size: instances.length })
          return changed ? delay : confirmed === undefined ? refresh : undefined
        },
        (error) => {
          report(onTelemetry, { kind: 'discovery.snapshot', service, state: 'failed', error })
          const wait = changed ? delay : Math.max(delay, Math.min(refresh, later))
          changed = true
          return wait
        },
      )
      .then((wait) => {
        writing = undefined
        if (!closed && wait !== undefined) plan(wait)
      })
  }

  return {
    heard(instances) {
      // A registry that was restarted empty says that there is none: the last ones may be of use still.
      if (instances === undefined || instances.length === 0) {
        if (latest.length > 0) confirmed ??= now()
        return
      }
      latest = instances
      confirmed = undefined
      if (writing === undefined && (!changed || timer === undefined)) plan(delay)
      changed = true
    },
    async close() {
      closed = true
      timer?.cancel()
      const patience = new AbortController()
      const written = (async () => {
        await writing
        if (changed) write()
        await writing
        patience.abort()
      })()
      await Promise.race([written, clock.sleep(closeTimeout, patience.signal)])
    },
  }
}
