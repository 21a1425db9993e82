import type { DrainStep } from '@tenon/endpoint'
import { type VirtualClock, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Ended, RunError, type RunOptions, run } from './run.ts'
import type { AppState, Service } from './service.ts'

interface Scene {
  readonly clock: VirtualClock
  readonly log: string[]
  readonly steps: string[]
  readonly stop: AbortController
  readonly service: (name: string, more?: Partial<Service>) => Service
  readonly ended: (options: Partial<RunOptions> & Pick<RunOptions, 'services'>) => Promise<Ended>
}

/** An app on a virtual clock that does not touch the process; what happens is written down with its time. */
const scene = (): Scene => {
  const clock = virtualClock()
  const log: string[] = []
  const steps: string[] = []
  const stop = new AbortController()
  const note = (text: string): void => void log.push(`${clock.now()} ${text}`)
  return {
    clock,
    log,
    steps,
    stop,
    service: (name, more = {}) => ({
      name,
      start: () => note(`${name} starts`),
      drain: () => note(`${name} drains`),
      ...more,
    }),
    ended: (options) =>
      run({
        name: 'shop',
        signals: [],
        signal: stop.signal,
        clock,
        onTelemetry: (event) => {
          const { step, service = '', elapsed } = event as DrainStep
          steps.push(`${step} ${service} ${elapsed}`.replace('  ', ' '))
        },
        ...options,
      }),
  }
}

const hang = (): Promise<never> => new Promise(() => {})

describe('run', () => {
  it('given services and a registration, when it stops, then all is undone in the right order and at the right times', async () => {
    const { clock, log, steps, stop, service, ended } = scene()
    let state: () => AppState = () => 'starting'
    const probe = service('probe', {
      start(starting) {
        state = starting.state
        expect(starting.app).toBe('shop')
      },
      drain: () => void log.push(`${clock.now()} probe drains, ${state()}`),
    })
    const database = service('database', {
      async start() {
        log.push(`database starts, ${state()}`)
        await clock.sleep(50)
      },
    })
    const registration = service('registration', {
      announces: true,
      drain: () => void log.push(`${clock.now()} registration drains, ${state()}`),
    })
    const server = service('server', {
      async drain() {
        log.push(`${clock.now()} server drains`)
        await clock.sleep(700)
      },
    })
    const answer = ended({ services: [probe, database, server, registration] })
    await clock.advance(49)
    expect(state()).toBe('starting')
    await clock.advance(1)
    expect(state()).toBe('ready')
    await clock.advance(950)
    stop.abort()
    await clock.advance(3_000)
    expect(await answer).toEqual({ why: { kind: 'aborted' }, failures: [] })
    expect(log).toEqual([
      'database starts, starting',
      '50 server starts',
      '50 registration starts',
      '1000 registration drains, draining',
      '3000 server drains',
      '3700 database drains',
      '3700 probe drains, draining',
    ])
    expect(steps).toEqual([
      'started probe 0',
      'started database 50',
      'started server 50',
      'started registration 50',
      'started 50',
      'readinessOff 0',
      'draining registration 0',
      'drained registration 0',
      'propagated 2000',
      'draining server 2000',
      'drained server 2700',
      'draining database 2700',
      'drained database 2700',
      'draining probe 2700',
      'drained probe 2700',
      'done 2700',
    ])
    expect(clock.pending).toBe(0)
  })

  it('given a drain that hangs, when its time is up, then its signal aborts, and the others still drain', async () => {
    const { clock, log, stop, service, ended } = scene()
    const hanging = service('hanging', {
      drain({ signal }) {
        signal.addEventListener('abort', () =>
          log.push(`${clock.now()} hanging aborted: ${(signal.reason as { _tag: string })._tag}`),
        )
        return hang()
      },
    })
    const services = [service('a'), service('b'), hanging, service('c')]
    const answer = ended({ services, drain: { propagation: 0, inFlight: 10_000 } })
    await clock.advance(0)
    log.length = 0
    stop.abort()
    await clock.advance(10_000)
    const { failures } = await answer
    // Two follow it, and each is left a second.
    expect(log).toEqual(['0 c drains', '7500 hanging aborted: DeadlineExceeded', '8000 b drains', '8000 a drains'])
    expect(failures).toMatchObject([{ service: 'hanging', error: { message: 'it did not end within 8000 ms' } }])
    expect(clock.pending).toBe(0)
  })

  it('given a drain that closes when cut off, when its time is up, then it counts as a failure and nobody waits longer', async () => {
    const { clock, stop, service, steps, ended } = scene()
    const obedient = service('obedient', {
      drain: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    })
    const answer = ended({ services: [obedient], drain: { propagation: 0, inFlight: 1_000 } })
    await clock.advance(0)
    stop.abort()
    await clock.advance(900)
    expect((await answer).failures).toMatchObject([{ error: { message: 'it was cut off after 900 ms' } }])
    expect(steps.slice(-4)).toEqual(['draining obedient 0', 'forced obedient 900', 'failed obedient 900', 'done 900'])
  })

  it('given a drain that throws or rejects, when it drains, then the others do too, and it is named', async () => {
    const { clock, log, stop, service, ended } = scene()
    const throws = service('throws', {
      drain() {
        throw new Error('broken pipe')
      },
    })
    const rejects = service('rejects', { drain: () => Promise.reject(undefined) })
    const answer = ended({ services: [service('a'), throws, rejects], drain: { propagation: 0 } })
    await clock.advance(0)
    stop.abort()
    await clock.advance(0)
    const { failures } = await answer
    expect(failures).toMatchObject([
      { service: 'rejects', error: { message: 'it failed and did not say how' } },
      { service: 'throws', error: { message: 'broken pipe' } },
    ])
    expect(log.at(-1)).toBe('0 a drains')
  })

  it('given services of every temper, when they drain, then each is drained once, in reverse, and within the time', async () => {
    const temper = fc.record({
      kind: fc.constantFrom('ends', 'throws', 'hangs', 'obeys'),
      ms: fc.integer({ min: 0, max: 5_000 }),
      announces: fc.boolean(),
      disposable: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(temper, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 10, max: 8_000 }),
        fc.integer({ min: 0, max: 3_000 }),
        async (tempers, inFlight, propagation) => {
          const { clock, stop, ended } = scene()
          const drained: number[] = []
          const disposed: number[] = []
          const services = tempers.map(
            ({ kind, ms, announces, disposable }, at): Service => ({
              announces,
              async drain({ signal }) {
                drained.push(at)
                if (kind === 'hangs') await hang()
                await clock.sleep(ms, kind === 'obeys' ? signal : undefined)
                if (kind === 'throws') throw new Error('no')
              },
              ...(disposable && { [Symbol.asyncDispose]: async () => void disposed.push(at) }),
            }),
          )
          const answer = ended({ services, drain: { inFlight, propagation } })
          await clock.advance(0)
          stop.abort()
          let over = Number.POSITIVE_INFINITY
          void answer.then(() => {
            over = clock.now()
          })
          await clock.advance(inFlight + propagation + 1)
          expect(over).toBeLessThanOrEqual(inFlight + propagation + 1)
          const order = tempers.map((_, at) => at).reverse()
          const first = order.filter((at) => tempers[at]?.announces)
          expect(drained).toEqual([...first, ...order.filter((at) => !first.includes(at))])
          expect(disposed.toSorted()).toEqual(tempers.flatMap(({ disposable }, at) => (disposable ? [at] : [])))
          const { failures } = await answer
          const named = failures.map(({ service }) => service)
          for (const [at, { kind }] of tempers.entries())
            if (kind === 'hangs' || kind === 'throws') expect(named).toContain(`services[${at}]`)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('given a service that does not start, when it fails, then what is up drains in reverse, what listens already too', async () => {
    const { clock, log, service, ended } = scene()
    const listening: Service & AsyncDisposable = {
      drain: async () => void log.push('listening drains'),
      async [Symbol.asyncDispose]() {
        log.push('listening is disposed')
      },
    }
    const cause = new Error('no database')
    const broken = service('broken', { start: () => Promise.reject(cause) })
    const answer = ended({ services: [service('a'), service('b'), broken, listening, service('never')] })
    const error = await answer.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RunError)
    expect(error).toMatchObject({
      message: 'app "shop": service "broken" did not start: no database',
      why: { kind: 'notStarted', service: 'broken' },
      failures: [],
      cause,
    })
    // Nobody was told of it: there is no propagation to wait for.
    expect(clock.now()).toBe(0)
    expect(log).toEqual([
      '0 a starts',
      '0 b starts',
      'listening drains',
      'listening is disposed',
      '0 b drains',
      '0 a drains',
    ])
    expect(clock.pending).toBe(0)
  })

  it('given a start that hangs, when its time is up, then it fails, is aborted, and drained should it come up after all', async () => {
    const { clock, log, service, ended } = scene()
    const gate = Promise.withResolvers<void>()
    const slow = service('slow', {
      start({ signal }) {
        signal.addEventListener('abort', () => log.push(`${clock.now()} slow aborted`))
        return gate.promise
      },
      drain: ({ signal }) => void log.push(`slow drains, aborted: ${signal.aborted}`),
    })
    const answer = ended({ services: [service('a'), slow], startTimeout: 5_000 }).catch(
      (thrown: Error) => thrown.message,
    )
    await clock.advance(5_000)
    expect(await answer).toBe('app "shop": service "slow" did not start: it took over 5000 ms')
    expect(log).toEqual(['0 a starts', '5000 slow aborted', '5000 a drains'])
    gate.resolve()
    await clock.advance(0)
    expect(log.at(-1)).toBe('slow drains, aborted: true')
    expect(clock.pending).toBe(0)
  })

  it('given a service that is starting, when the app is stopped, then the start is aborted and what is up drains', async () => {
    const { clock, log, stop, service, ended } = scene()
    const starting = service('starting', {
      start: ({ signal }) => clock.sleep(60_000, signal).then(() => Promise.reject(new Error('aborted'))),
    })
    const answer = ended({ services: [service('a'), starting, service('never')] })
    await clock.advance(100)
    stop.abort()
    await clock.advance(0)
    expect(await answer).toEqual({ why: { kind: 'aborted' }, failures: [] })
    expect(log).toEqual(['0 a starts', '100 a drains'])
    expect(clock.pending).toBe(0)
  })

  it('given a start that ignores that the app stops, when a second has passed, then nobody waits for it', async () => {
    const { clock, log, stop, service, ended } = scene()
    const answer = ended({ services: [service('a'), service('deaf', { start: hang })] })
    await clock.advance(100)
    stop.abort()
    await clock.advance(1_000)
    expect((await answer).why).toEqual({ kind: 'aborted' })
    expect(log.at(-1)).toBe('1100 a drains')
    expect(clock.pending).toBe(0)
  })

  it('given a signal that is aborted already, when it runs, then nothing starts, and what listens drains', async () => {
    const { log, service, ended } = scene()
    const listening = { drain: () => void log.push('listening drains') }
    const { why } = await ended({ services: [service('a'), listening], signal: AbortSignal.abort() })
    expect(why).toEqual({ kind: 'aborted' })
    expect(log).toEqual(['listening drains'])
  })

  it('given a service that ends by itself, when it has ended, then the app drains and says which it was', async () => {
    const { clock, log, service, ended } = scene()
    const job = Promise.withResolvers<void>()
    const answer = ended({
      services: [service('a'), service('job', { finished: job.promise })],
      drain: { propagation: 0 },
    })
    await clock.advance(10)
    job.resolve()
    await clock.advance(0)
    expect((await answer).why).toEqual({ kind: 'finished', service: 'job' })
    expect(log.slice(-2)).toEqual(['10 job drains', '10 a drains'])
  })

  it('given a service that breaks, when it has broken, then the app drains and rejects with its cause', async () => {
    const { clock, log, service, ended } = scene()
    const cause = new Error('connection lost')
    const job = Promise.withResolvers<void>()
    const answer = ended({
      services: [service('a'), service('job', { finished: job.promise })],
      drain: { propagation: 0 },
    }).catch((thrown: unknown) => thrown)
    await clock.advance(10)
    job.reject(cause)
    await clock.advance(0)
    expect(await answer).toMatchObject({ message: 'app "shop": service "job" broke: connection lost', cause })
    expect(log.at(-1)).toBe('10 a drains')
  })

  it('given what serve and client of a transport return, when it drains, then they fit as they are', async () => {
    const { clock, log, stop, ended } = scene()
    class Running implements AsyncDisposable {
      readonly url = 'http://127.0.0.1:8080'
      async drain(_: { readonly signal: AbortSignal }): Promise<void> {
        log.push(`${this.url} drains`)
      }
      async [Symbol.asyncDispose](): Promise<void> {
        log.push(`${this.url} is disposed`)
      }
    }
    const client = {
      start: () => expect.unreachable('this is an endpoint'),
      async [Symbol.asyncDispose](): Promise<void> {
        log.push('client is disposed')
      },
    }
    const answer = ended({ services: [client, new Running()], drain: { propagation: 0 } })
    await clock.advance(0)
    stop.abort()
    await clock.advance(0)
    await answer
    expect(log).toEqual(['http://127.0.0.1:8080 drains', 'http://127.0.0.1:8080 is disposed', 'client is disposed'])
  })

  it('given signals: [], when it runs, then it leaves the process alone, and no listener stays on its signal', async () => {
    const { clock, stop, service, ended } = scene()
    const listeners = (): number[] =>
      ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection', 'exit'].map((name) =>
        process.listenerCount(name),
      )
    const before = listeners()
    const { exitCode } = process
    let removed = 0
    const remove = stop.signal.removeEventListener.bind(stop.signal)
    stop.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      removed++
      remove(...args)
    }
    const answer = ended({ services: [service('a')], exit: () => expect.unreachable('nobody asked to exit') })
    await clock.advance(0)
    expect(listeners()).toEqual(before)
    stop.abort()
    await clock.advance(2_000)
    await answer
    expect(listeners()).toEqual(before)
    expect(process.exitCode).toBe(exitCode)
    expect(removed).toBeGreaterThan(0)
  })

  it('given bad options, when it runs, then the error names the option and what is allowed', async () => {
    const bad = (options: object): Promise<unknown> =>
      run({ name: 'shop', services: [], signals: [], signal: AbortSignal.abort(), ...options }).catch(
        (thrown: unknown) => thrown,
      )
    expect(String(await bad({ name: '' }))).toMatch(/TypeError: run: "name"/)
    expect(String(await bad({ service: [] }))).toMatch(
      /TypeError: run: there is no option "service"; there are name, s/,
    )
    expect(String(await bad({ drain: { inflight: 1 } }))).toMatch(
      /TypeError: run: drain: there is no option "inflight"/,
    )
    expect(String(await bad({ services: {} }))).toMatch(/TypeError: run: "services"/)
    expect(String(await bad({ services: [{ drain() {} }, { start() {} }] }))).toMatch(/TypeError: run: services\[1\]/)
    expect(String(await bad({ services: [Promise.resolve()] }))).toMatch(/services\[0\].*await it/)
    expect(String(await bad({ services: [null] }))).toMatch(/services\[0\]/)
    expect(String(await bad({ drain: { propagation: -1 } }))).toMatch(/"drain.propagation".*at least 0.*-1/)
    expect(String(await bad({ drain: { inFlight: 0 } }))).toMatch(/"drain.inFlight".*above 0/)
    expect(String(await bad({ startTimeout: Number.NaN }))).toMatch(/"startTimeout"/)
    expect(String(await bad({ signals: ['SIGNOPE'] }))).toMatch(/"signals".*SIGNOPE/)
    expect(String(await bad({ signals: ['SIGKILL'] }))).toMatch(/"signals".*SIGKILL/)
    expect(String(await bad({ uncaught: 'ignore' }))).toMatch(/"uncaught".*"drain", "leave"/)
    expect(String(await bad({ exit: 1 }))).toMatch(/"exit".*a function/)
    expectTypeOf(run).parameter(0).toHaveProperty('services')
    // @ts-expect-error what can neither drain nor be disposed is no service
    void (() => run({ name: 'shop', services: [{ start() {} }] }))
  })
})
