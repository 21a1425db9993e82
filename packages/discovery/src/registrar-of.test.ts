// A registration's life: tried until it is done, kept, done again, taken out in time; and what is told of it.
import { CallError, type Telemetry } from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedHeartbeat } from './heartbeat.ts'
import type { RegistrarOptions } from './registrar.ts'
import { registrarOf } from './registrar-of.ts'
import type { RegistryCall } from './registry-call.ts'

const middle = () => 0.5
const hang = ({ signal }: RegistryCall): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
const refuse = async (): Promise<never> => {
  throw new Error('connection refused')
}

/** A registrar of calls that log themselves with the moment, each as it is told here. */
function scene(options: Partial<RegistrarOptions> = {}) {
  const clock = virtualClock()
  const log: string[] = []
  const events: Telemetry[] = []
  const answers: { [K in 'register' | 'deregister' | 'beat']: (call: RegistryCall) => Promise<unknown> } = {
    register: async () => {},
    deregister: async () => {},
    beat: async () => {},
  }
  const logged = (name: keyof typeof answers) => (call: RegistryCall) => {
    log.push(`${Math.round(clock.now())} ${name}`)
    return answers[name](call)
  }
  const registrar = registrarOf({
    service: 'orders',
    id: 'o-1',
    register: logged('register'),
    deregister: logged('deregister'),
    beat: logged('beat'),
    heartbeat: fixedHeartbeat(1_000_000),
    clock,
    random: middle,
    onTelemetry: (event) => events.push(event),
    ...options,
  })
  const statuses = () => events.flatMap((event) => (event.kind === 'discovery.registration' ? [event.to] : []))
  const errors = () =>
    events.flatMap((event) =>
      event.kind === 'discovery.registrarError' ? [`${event.operation} ${event.failures} ${event.wait ?? '-'}`] : [],
    )
  return { clock, log, answers, registrar, statuses, errors }
}

/** What a promise has come to so far. */
function outcome(work: Promise<unknown>): { readonly is: () => unknown } {
  let is: unknown = 'pending'
  work.then(
    (value) => {
      is = value ?? 'done'
    },
    (cause) => {
      is = cause
    },
  )
  return { is: () => is }
}

describe('registering', () => {
  it('given a registry that answers, when it starts twice, then it is registered once, by the time start resolves', async () => {
    const { registrar, log, statuses, clock } = scene()
    await Promise.all([registrar.start(), registrar.start()])
    await registrar.start()
    expect([log, statuses()]).toEqual([['0 register'], ['registering', 'registered']])
    expect(await registrar.registered()).toMatchObject({ _tag: 'Right' })
    expect(registrar.view()).toEqual({ service: 'orders', id: 'o-1', status: 'registered', failures: 0 })
    await registrar.drain()
    expect(clock.pending).toBe(0)
  })

  it('given a registry that is down, when it starts, then start resolves, and it is tried five times 2 s apart, then more slowly, until it can', async () => {
    const { registrar, log, answers, clock, statuses, errors } = scene()
    answers.register = refuse
    await registrar.start()
    expect(await registrar.registered({ timeout: 0 })).toMatchObject({
      left: { _tag: 'NotRegistered', code: 'unavailable', reason: 'pending', attempts: 1, service: 'orders' },
    })
    await clock.advance(200_000)
    // 2 s apart; then 4, 8, 16, 32, 60 s and so on, less a quarter in the middle of the jitter.
    expect(log.map((line) => Number.parseInt(line, 10) / 1_000)).toEqual([0, 2, 4, 6, 8, 11, 17, 29, 53, 98, 143, 188])
    expect(errors().slice(0, 6)).toEqual([
      'register 1 2000',
      'register 2 2000',
      'register 3 2000',
      'register 4 2000',
      'register 5 3000',
      'register 6 6000',
    ])
    expect(statuses()).toEqual(['registering'])
    answers.register = async () => {}
    const waited = outcome(registrar.registered({ timeout: 60_000 }))
    await clock.advance(60_000)
    expect(waited.is()).toMatchObject({ _tag: 'Right' })
    expect(registrar.view()).toEqual({ service: 'orders', id: 'o-1', status: 'registered', failures: 0 })
  })

  it('given a registry that is heard of when it is back, then neither the next try nor the next heartbeat is waited for', async () => {
    let back = (): void => {}
    let ended = 0
    const whenBack = (given: () => void) => {
      back = given
      return () => void ended++
    }
    const { registrar, log, answers, clock } = scene({ whenBack })
    answers.register = refuse
    await registrar.start()
    answers.register = async () => {}
    await clock.advance(500)
    back()
    await clock.advance(0)
    expect(await registrar.registered()).toMatchObject({ _tag: 'Right' })
    answers.beat = async () => 'forgotten'
    await clock.advance(500)
    back()
    await clock.advance(0)
    expect(log).toEqual(['0 register', '500 register', '1000 beat', '1000 register'])
    // It is back while a heartbeat is failing: the next one comes at once.
    answers.beat = async () => {
      answers.beat = async () => {}
      back()
      return refuse()
    }
    await clock.advance(500)
    back()
    await clock.advance(1_000)
    expect(log.slice(4)).toEqual(['1500 beat', '1500 beat'])
    await registrar.drain()
    back()
    await clock.advance(1_000_000)
    expect([log.at(-1), ended, clock.pending]).toEqual(['2500 deregister', 1, 0])
  })

  it('given a registry that hangs, when it starts, then start resolves when the time of a call is over', async () => {
    const { registrar, answers, clock } = scene({ timeout: 3_000 })
    answers.register = hang
    const started = outcome(registrar.start())
    await clock.advance(2_999)
    expect(started.is()).toBe('pending')
    await clock.advance(1)
    expect(started.is()).toBe('done')
    expect(registrar.view()).toMatchObject({ status: 'registering', error: { _tag: 'DeadlineExceeded' } })
  })

  it('given it is required and the registry is down, when it starts, then start rejects after the attempts, typed, and nothing goes on', async () => {
    const { registrar, log, answers, clock, statuses } = scene({ required: true, attempts: 3 })
    answers.register = refuse
    const started = outcome(registrar.start())
    await clock.advance(3_999)
    expect(started.is()).toBe('pending')
    await clock.advance(1)
    expect(started.is()).toBeInstanceOf(CallError)
    expect(started.is()).toMatchObject({ failure: { _tag: 'NotRegistered', reason: 'refused', attempts: 3 } })
    expect(await registrar.registered()).toMatchObject({ left: { reason: 'refused', attempts: 3 } })
    await clock.advance(1_000_000)
    expect(log).toEqual(['0 register', '2000 register', '4000 register', '4000 deregister'])
    expect(statuses()).toEqual(['registering', 'deregistering', 'deregistered'])
    expect(clock.pending).toBe(0)
  })

  it('given a start whose signal aborts, then it waits no longer; with `required` it rejects', async () => {
    for (const required of [false, true]) {
      const { registrar, answers, clock } = scene({ required })
      answers.register = hang
      const controller = new AbortController()
      const started = outcome(registrar.start({ signal: controller.signal }))
      await clock.advance(10)
      expect(started.is()).toBe('pending')
      controller.abort(new Error('the app stops'))
      await clock.advance(0)
      expect(started.is()).toEqual(required ? new Error('the app stops') : 'done')
      // With `required` nobody would drain it: it has ended by itself.
      expect(registrar.view().status).toBe(required ? 'deregistered' : 'registering')
      const drained = outcome(registrar.drain({ signal: AbortSignal.abort() }))
      await clock.advance(0)
      expect([drained.is(), clock.pending]).toEqual(['done', 0])
    }
  })

  it('given an option that is wrong, then the error names it', () => {
    expect(() => scene({ attempts: 0 })).toThrow(
      'registration of orders o-1: "attempts" must be a whole number of at least 1',
    )
    expect(() => scene({ timeout: Number.NaN })).toThrow('"timeout"')
    expect(() => scene({ register: undefined as never })).toThrow('"register" must be a function')
    expect(() => scene({ id: '' })).toThrow('"id" must be a name')
    expect(() => scene({ heartbeat: 5_000 as never })).toThrow('"heartbeat.next" must be a function')
    expect(() => scene({ retries: 1 } as never)).toThrow('there is no option "retries"')
  })
})

describe('heartbeats', () => {
  it('given they fail and are well again, then it shows, and the registration stays', async () => {
    const { registrar, answers, clock, log, statuses, errors } = scene({ heartbeat: fixedHeartbeat(1_000) })
    await registrar.start()
    answers.beat = refuse
    await clock.advance(2_500)
    expect(registrar.view()).toMatchObject({
      status: 'unconfirmed',
      failures: 2,
      error: new Error('connection refused'),
    })
    expect(errors()).toEqual(['heartbeat 1 -', 'heartbeat 2 -'])
    const confirmed = outcome(registrar.registered())
    answers.beat = async () => {}
    await clock.advance(1_000)
    expect(confirmed.is()).toMatchObject({ _tag: 'Right' })
    expect(statuses()).toEqual(['registering', 'registered', 'unconfirmed', 'registered'])
    expect(log.filter((line) => line.endsWith(' register'))).toHaveLength(1)
  })

  it('given the registry has forgotten it, then it is registered anew at once, and as often as need be', async () => {
    const { registrar, answers, clock, log, statuses } = scene({ heartbeat: fixedHeartbeat(1_000) })
    await registrar.start()
    answers.beat = async () => 'forgotten'
    answers.register = refuse
    await clock.advance(1_000)
    answers.beat = async () => {}
    answers.register = async () => {}
    await clock.advance(2_000)
    expect(log).toEqual(['0 register', '950 beat', '950 register', '2950 register'])
    expect(statuses()).toEqual(['registering', 'registered', 'registering', 'registered'])
  })

  it('given one that hangs, then it has failed when its time is over, and a drain does not wait for it', async () => {
    const { registrar, answers, clock, log } = scene({ heartbeat: fixedHeartbeat(1_000), timeout: 400 })
    await registrar.start()
    answers.beat = hang
    await clock.advance(1_350)
    expect(registrar.view()).toMatchObject({ status: 'unconfirmed', failures: 1 })
    await clock.advance(1_000)
    expect(log.at(-1)).toBe('2300 beat')
    await registrar.drain()
    expect(log.at(-1)).toBe('2350 deregister')
    expect(clock.pending).toBe(0)
  })
})

describe('deregistering', () => {
  it('given a registry that fails, then it is tried until the time is over, and drain rejects, typed', async () => {
    const { registrar, answers, clock, log, statuses } = scene({ drainTimeout: 2_000 })
    await registrar.start()
    answers.deregister = refuse
    const drained = outcome(registrar.drain())
    await clock.advance(1_999)
    await clock.advance(1)
    expect(drained.is()).toMatchObject({ failure: { _tag: 'NotRegistered', reason: 'lingering', attempts: 6 } })
    expect(log).toEqual([
      '0 register',
      '0 deregister',
      '75 deregister',
      '225 deregister',
      '525 deregister',
      '1125 deregister',
      '1875 deregister',
    ])
    expect(statuses().at(-1)).toBe('abandoned')
    expect(await registrar.registered()).toMatchObject({ left: { reason: 'lingering' } })
    await expect(registrar[Symbol.asyncDispose]()).resolves.toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('given a registry that hangs, when the signal of the drain aborts, then it is over at once', async () => {
    const { registrar, answers, clock } = scene({ drainTimeout: 60_000, timeout: 60_000 })
    await registrar.start()
    answers.deregister = hang
    const controller = new AbortController()
    const drained = outcome(registrar.drain({ signal: controller.signal }))
    await clock.advance(7_000)
    expect(drained.is()).toBe('pending')
    controller.abort()
    await clock.advance(0)
    expect(drained.is()).toBeInstanceOf(CallError)
    expect(clock.pending).toBe(0)
  })

  it('given it never was registered and the registry is down, then it is asked once to take it out, and the drain is clean', async () => {
    const { registrar, answers, clock, log } = scene()
    answers.register = refuse
    answers.deregister = refuse
    await registrar.start()
    await registrar.drain()
    expect(log).toEqual(['0 register', '0 deregister'])
    expect(clock.pending).toBe(0)
    await expect(registrar.start()).rejects.toThrow('it has been drained; make another one')
  })

  it('given the registry had forgotten it and is down now, then one try is enough, and the drain is clean', async () => {
    const { registrar, answers, clock, log } = scene({ heartbeat: fixedHeartbeat(1_000) })
    await registrar.start()
    answers.beat = async () => 'forgotten'
    answers.register = refuse
    answers.deregister = refuse
    await clock.advance(1_000)
    await registrar.drain()
    expect(log).toEqual(['0 register', '950 beat', '950 register', '1000 deregister'])
    expect(registrar.view()).toMatchObject({ status: 'abandoned', failures: 1 })
  })

  it('given it never started, then there is nothing to take out', async () => {
    const { registrar, log } = scene()
    await registrar.drain()
    expect(log).toEqual([])
    expect(await registrar.registered()).toMatchObject({ left: { reason: 'ended' } })
  })

  it('given a registration in flight, then its answer is awaited first, so that it cannot arrive after', async () => {
    const { registrar, answers, clock, log } = scene()
    const gate = Promise.withResolvers<void>()
    answers.register = () => gate.promise
    void registrar.start()
    const drained = outcome(registrar.drain())
    await clock.advance(100)
    expect(log).toEqual(['0 register'])
    gate.resolve()
    await clock.advance(0)
    expect([log, drained.is()]).toEqual([['0 register', '100 deregister'], 'done'])
    expect(clock.pending).toBe(0)
  })

  it('given a registration that heeds nothing and is done long after the drain, then it is taken out again', async () => {
    const { registrar, answers, clock, log } = scene()
    const gate = Promise.withResolvers<void>()
    answers.register = () => gate.promise
    void registrar.start()
    const drained = outcome(registrar.drain())
    await clock.advance(4_000)
    expect(drained.is()).toBe('done')
    gate.resolve()
    await clock.advance(0)
    expect(log).toEqual(['0 register', '3500 deregister', '4000 deregister'])
    expect(clock.pending).toBe(0)
  })
})

describe('whatever the registry does', () => {
  type Reply = { readonly after: number; readonly how: 'well' | 'fails' | 'forgotten' | 'lost' }
  const reply: fc.Arbitrary<Reply> = fc.record({
    after: fc.oneof(fc.constant(0), fc.nat(8_000)),
    how: fc.constantFrom('well', 'fails', 'forgotten', 'lost'),
  })
  const step = fc.tuple(fc.nat(20_000), fc.constantFrom('start', 'drain', 'hurry', 'dispose', 'forget', 'nothing'))

  it('given random answers, steps and times, then never two calls to register at once, none after a drain, and no timer left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { maxLength: 60 }),
        fc.array(step, { maxLength: 12 }),
        fc.boolean(),
        fc.integer(),
        async (replies, steps, required, seed) => {
          const clock = virtualClock()
          /** What the registry holds, and who runs. */
          let there = false
          let drained = false
          let tooLate = false
          let inFlight = 0
          let most = 0
          let at = 0
          const next = (): Reply => replies[at++] ?? { after: 0, how: 'well' }
          const call =
            (effect: () => void, register: boolean) =>
            async ({ signal }: RegistryCall): Promise<unknown> => {
              const { after, how } = next()
              if (register) most = Math.max(most, ++inFlight)
              try {
                await clock.sleep(after, signal)
                // A call that was cut may have been done, or not.
                if (how !== 'fails') effect()
                if (signal.aborted) throw signal.reason
                if (how === 'lost' || how === 'fails') throw new Error('connection reset')
                return how === 'forgotten' ? 'forgotten' : undefined
              } finally {
                if (register) inFlight--
              }
            }
          const registrar = registrarOf({
            service: 'orders',
            id: 'o-1',
            register: call(() => {
              tooLate ||= drained
              there = true
            }, true),
            deregister: call(() => {
              there = false
            }, false),
            beat: call(() => {}, false),
            heartbeat: fixedHeartbeat(3_000),
            required,
            clock,
            random: seeded(seed),
            onTelemetry: () => {},
          })
          const drain = (signal?: AbortSignal): void => {
            const ended = (): void => {
              drained = true
              tooLate ||= inFlight > 0
            }
            registrar.drain(signal && { signal }).then(ended, ended)
          }
          for (const [after, what] of steps) {
            await clock.advance(after)
            if (what === 'start') registrar.start().catch(() => {})
            else if (what === 'drain') drain()
            else if (what === 'hurry') drain(AbortSignal.abort())
            else if (what === 'forget') there = false
            else if (what === 'dispose') void registrar[Symbol.asyncDispose]()
          }
          drain()
          await clock.advance(20_000)
          expect([drained, tooLate, most <= 1, clock.pending]).toEqual([true, false, true, 0])
          if (registrar.view().status === 'deregistered') expect(there).toBe(false)
          else expect(registrar.view().status).toBe('abandoned')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('given an outage of any kind that ends, and a registry that forgets at any time, then it is registered in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { maxLength: 40 }),
        fc.array(fc.nat(30_000), { maxLength: 5 }),
        fc.integer(),
        async (replies, forgets, seed) => {
          const clock = virtualClock()
          let there = false
          let at = 0
          const call =
            (effect: () => unknown) =>
            async ({ signal }: RegistryCall): Promise<unknown> => {
              const { after, how } = replies[at++] ?? { after: 0, how: 'well' }
              await clock.sleep(after, signal)
              const answer = how === 'fails' ? undefined : effect()
              if (signal.aborted) throw signal.reason
              if (how === 'lost' || how === 'fails') throw new Error('connection reset')
              return answer
            }
          const registrar = registrarOf({
            service: 'orders',
            id: 'o-1',
            register: call(() => {
              there = true
            }),
            deregister: call(() => {
              there = false
            }),
            beat: call(() => (there ? undefined : 'forgotten')),
            heartbeat: fixedHeartbeat(3_000),
            clock,
            random: seeded(seed),
            onTelemetry: () => {},
          })
          void registrar.start()
          for (const after of forgets) {
            await clock.advance(after)
            there = false
          }
          // Forty calls that fail, the last of them a minute apart, and then a heartbeat.
          while (at < replies.length) await clock.advance(60_000)
          await clock.advance(90_000)
          expect([there, registrar.view().status]).toEqual([true, 'registered'])
          void registrar.drain()
          await clock.advance(10_000)
          expect([there, clock.pending]).toEqual([false, 0])
        },
      ),
      { numRuns: 100 },
    )
  })
})
