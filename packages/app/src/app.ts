// What starting and draining share: the app's parts, its times, and how it says what it does.
import { type Clock, type DrainStep, report, type TelemetryListener } from '@tenon/endpoint'
import type { AppState, Unit } from './service.ts'

/** Why an app stopped. */
export type Why =
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'finished'; readonly service: string }
  | { readonly kind: 'notStarted' | 'broken'; readonly service: string; readonly error: unknown }
  | { readonly kind: 'uncaught'; readonly error: unknown }

export interface App {
  readonly name: string
  readonly units: readonly Unit[]
  readonly clock: Clock
  /** Milliseconds. */
  readonly startTimeout: number
  readonly propagation: number
  readonly inFlight: number
  state: AppState
  /** Aborts when the app is to stop; its reason is a {@link Why}. */
  readonly stopping: AbortSignal
  /** Tells the app to stop. The first reason stays. */
  readonly stop: (why: Why) => void
  /** Milliseconds of the clock that `elapsed` counts from. */
  since: number
  readonly say: (step: DrainStep['step'], service?: string, error?: unknown) => void
}

/** An app with its voice. */
export function appOf(
  parts: Pick<App, 'name' | 'units' | 'clock' | 'startTimeout' | 'propagation' | 'inFlight'>,
  onTelemetry: TelemetryListener | undefined,
): App {
  const controller = new AbortController()
  const app: App = {
    ...parts,
    state: 'starting',
    stopping: controller.signal,
    stop: (why) => controller.abort(why),
    since: parts.clock.now(),
    say: (step, service, error) =>
      report(onTelemetry, {
        kind: 'drain.step',
        app: parts.name,
        ...(service !== undefined && { service }),
        step,
        elapsed: parts.clock.now() - app.since,
        ...(error !== undefined && { error }),
      }),
  }
  return app
}
