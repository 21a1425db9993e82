// The ordered start: one after the other, each within its time, until one fails or the app is told to stop.
import type { App } from './app.ts'
import { begun, late, within } from './deadline.ts'
import type { Unit } from './service.ts'

/** Milliseconds that a start is waited for once the app has been told to stop. */
const grace = 1_000

/** Starts what has not started. When it returns, the app is ready, or it is stopping. */
export async function startAll(app: App): Promise<void> {
  for (const unit of app.units) {
    if (app.stopping.aborted) return
    if (!unit.up) await start(app, unit)
    if (!unit.up) return
    app.say('started', unit.name)
    unit.service.finished?.then(
      () => app.stop({ kind: 'finished', service: unit.name }),
      (error: unknown) => app.stop({ kind: 'broken', service: unit.name, error }),
    )
  }
  if (app.stopping.aborted) return
  app.state = 'ready'
  app.say('started')
}

async function start(app: App, unit: Unit): Promise<void> {
  const { clock, startTimeout, stopping } = app
  const controller = new AbortController()
  const stop = (): void => controller.abort(stopping.reason)
  stopping.addEventListener('abort', stop)
  const work = begun(() => unit.service.start?.({ app: app.name, signal: controller.signal, state: () => app.state }))
  try {
    if ((await within(clock, startTimeout, work, { signal: stopping, ms: grace })) === late) {
      controller.abort()
      // It may come up after all, when nobody waits for it any more.
      work.then(() => unit.service.drain?.({ signal: AbortSignal.abort() })).catch(() => {})
      throw new Error(stopping.aborted ? 'it went on starting when told to stop' : `it took over ${startTimeout} ms`)
    }
    unit.up = true
  } catch (error) {
    app.say('failed', unit.name, error)
    app.stop({ kind: 'notStarted', service: unit.name, error })
  } finally {
    stopping.removeEventListener('abort', stop)
  }
}
