// The ordered drain: readiness off, announcements withdrawn, propagation awaited, then every service in reverse, each
// within its share of the time, whatever the others do.
import { deadlineExceeded } from '@tenon/endpoint'
import type { App } from './app.ts'
import { begun, late, within } from './deadline.ts'
import type { Unit } from './service.ts'

/** A service that did not drain as it should: it threw, or its time was up. */
export interface DrainFailure {
  readonly service: string
  readonly error: unknown
}

/** The last part of a service's share, in which it closes what it has not finished: a tenth, and at most this. */
const longestCut = 500

/** What a service leaves at least to each that follows: at most this. */
const longestReserve = 1_000

/** Drains what is up, and answers with those that failed in it. Takes at most `propagation` + `inFlight` milliseconds. */
export async function drainAll(app: App): Promise<readonly DrainFailure[]> {
  const { clock, units, propagation, inFlight } = app
  const wasReady = app.state === 'ready'
  app.state = 'draining'
  app.since = clock.now()
  app.say('readinessOff')
  const up = units.filter((unit) => unit.up).reverse()
  const announcing = up.filter((unit) => unit.service.announces === true)
  const others = up.filter((unit) => unit.service.announces !== true)
  const reserve = Math.min(longestReserve, inFlight / (2 * up.length))
  const failures: DrainFailure[] = []
  let end = app.since + inFlight
  let waiting = up.length

  const drainEach = async (some: readonly Unit[]): Promise<void> => {
    for (const unit of some) {
      waiting--
      const error = await drain(app, unit, Math.max(reserve, end - clock.now() - reserve * waiting))
      if (error !== undefined) failures.push({ service: unit.name, error })
    }
  }
  await drainEach(announcing)
  // Nobody sends calls to what was never ready nor announced.
  if (propagation > 0 && (wasReady || announcing.length > 0)) {
    await clock.sleep(propagation)
    end += propagation
    app.say('propagated')
  }
  await drainEach(others)
  app.say('done')
  return failures
}

async function drain({ clock, say }: App, { name, service }: Unit, share: number): Promise<unknown> {
  const end = clock.now() + share
  const cut = Math.min(longestCut, share / 10)
  const controller = new AbortController()
  say('draining', name)
  const drained = settled(() => service.drain?.({ signal: controller.signal }))
  let forced: Error | undefined
  if ((await within(clock, share - cut, drained)) === late) {
    forced = new Error(`it was cut off after ${Math.round(share - cut)} ms`)
    say('forced', name, forced)
    controller.abort(deadlineExceeded('the time to drain is over'))
  }
  const closed = settled(() => service[Symbol.asyncDispose]?.())
  const outcome = await within(clock, Math.max(0, end - clock.now()), Promise.all([drained, closed]))
  const error =
    outcome === late ? new Error(`it did not end within ${Math.round(share)} ms`) : outcome.find(Boolean)?.error
  const failure = error ?? forced
  say(failure === undefined ? 'drained' : 'failed', name, failure)
  return failure
}

/** How it failed, `undefined` when it did not. Never rejects. */
const settled = (work: () => unknown): Promise<{ readonly error: unknown } | undefined> =>
  begun(work).then(
    () => undefined,
    (error) => ({ error: error ?? new Error('it failed and did not say how') }),
  )
