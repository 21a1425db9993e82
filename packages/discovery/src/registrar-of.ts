// Registered for one life: tried until it is done, kept by heartbeats, done again when the registry forgot it, undone in
// time. The part every registry shares, so that a backend is only its calls.
import { CallError, fail, knownOptions, ok, type RegistrationStatus, report } from '@tenon/endpoint'
import { exponential, functionOption, numberOption } from '@tenon/policy'
import { type NotRegistered, notRegistered } from './not-registered.ts'
import { type Registrar, type RegistrarOptions, registrarNames } from './registrar.ts'
import { registeringOptions } from './registration.ts'
import { callRegistry } from './registry-call.ts'
import { aborted, unlessGivenUp } from './signals.ts'
import { waiting } from './waiting.ts'

/** Between tries to deregister: there is little time. */
const hasty = exponential({ from: 100, to: 1_000, jitter: 'equal' })

/** Who may wait for a registration at once. */
const waitersLimit = 10_000

/**
 * A registrar of a registry's calls: what every backend's registrar is made with.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function registrarOf(options: RegistrarOptions): Registrar {
  const { service, id } = options
  for (const [name, value] of Object.entries({ service, id }))
    if (typeof value !== 'string' || value === '') throw new TypeError(`registrar: "${name}" must be a name`)
  const name = `registration of ${service} ${id}`
  knownOptions(name, options, registrarNames)
  const register = functionOption(name, 'register', options.register)
  const deregister = functionOption(name, 'deregister', options.deregister)
  const beat = options.beat === undefined ? undefined : functionOption(name, 'beat', options.beat)
  const whenBack = options.whenBack === undefined ? undefined : functionOption(name, 'whenBack', options.whenBack)
  const { attempts, delay, retry, timeout, drainTimeout, heartbeat, required, clock, random, onTelemetry } =
    registeringOptions(name, options)

  let status: RegistrationStatus = 'idle'
  let failures = 0
  let error: unknown
  /** Was it ever asked to be registered? Then there may be something to take out, whatever was answered. */
  let asked = false
  /** Did the registry say that it holds it, and nothing else since? */
  let holds = false
  /** Has it been registered once? */
  let arrived = false
  let refused: NotRegistered | undefined
  const stopping = new AbortController()
  const hurry = new AbortController()
  const stop = stopping.signal
  const cut = { signal: hurry.signal, after: 0 }
  /** Settles when `start()` may: the first try was answered, or with `required` the last of the quick ones. */
  const begun = Promise.withResolvers<void>()
  const waiters = waiting(clock, waitersLimit)
  /** Ends the wait at hand. */
  let rouse = nothing
  /** Has the registry come back while a call of ours was failing? */
  let cameBack = false
  let starting: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()
  let ending: Promise<void> | undefined

  function become(to: RegistrationStatus): void {
    const from = status
    if (from === to) return
    status = to
    report(onTelemetry, { kind: 'discovery.registration', service, instance: id, from, to })
    waiters.look()
  }

  function failed(operation: 'register' | 'heartbeat' | 'deregister', cause: unknown, wait?: number): void {
    error = cause ?? new Error('the registry failed and did not say why')
    const event = { kind: 'discovery.registrarError', service, instance: id, operation, failures, error } as const
    report(onTelemetry, wait === undefined ? event : { ...event, wait })
  }

  function well(): void {
    failures = 0
    error = undefined
    cameBack = false
  }

  const why = (reason: NotRegistered['reason']): NotRegistered => notRegistered(service, id, reason, failures, error)

  /** It was taken for lost, and was done after all, when it is not wanted any more. */
  function late(): void {
    if (!stop.aborted) return
    const again = (): Promise<unknown> => callRegistry(clock, timeout, deregister, [])
    void ending?.then(again, again).catch((cause) => failed('deregister', cause))
  }

  /** Waits, at most until the registry is back or it is told to stop. */
  function rest(ms: number): Promise<void> {
    const waking = new AbortController()
    rouse = () => waking.abort()
    if (stop.aborted || cameBack) rouse()
    return clock.sleep(ms, waking.signal).finally(() => {
      cameBack = false
    })
  }

  /** Registers, however long it takes, until told to stop. */
  async function enter(): Promise<void> {
    become('registering')
    for (let wait = 0; !stop.aborted; await rest(wait)) {
      asked = true
      try {
        await callRegistry(clock, timeout, register, [{ signal: stop, after: drainTimeout / 2 }, cut], late)
        holds = true
        arrived = true
        well()
        if (!stop.aborted) become('registered')
        return begun.resolve()
      } catch (cause) {
        failures++
        if (stop.aborted) return
        wait = failures < attempts ? delay * (0.75 + random() / 2) : retry.next(failures - attempts + 1, wait, random)
        const enough = required && !arrived && failures >= attempts
        failed('register', cause, enough ? undefined : wait)
        if (enough) {
          refused = why('refused')
          return begun.reject(new CallError(refused))
        }
        if (!required) begun.resolve()
      }
    }
  }

  /** Says that it is there, until the registry has forgotten it or it is told to stop. */
  async function stay(): Promise<void> {
    if (beat === undefined) return aborted(stop)
    for (let taken = 0; ; ) {
      await rest(heartbeat.next(taken, failures, random))
      if (stop.aborted) return
      try {
        const answer = await callRegistry(clock, timeout, beat, [{ signal: stop, after: 0 }])
        if (stop.aborted) return
        well()
        if (answer === 'forgotten') {
          holds = false
          return
        }
        taken++
        become('registered')
      } catch (cause) {
        if (stop.aborted) return
        taken = 0
        failures++
        failed('heartbeat', cause)
        become('unconfirmed')
      }
    }
  }

  async function keep(): Promise<void> {
    const unheard = whenBack?.(() => {
      cameBack = true
      rouse()
    })
    try {
      while (!stop.aborted && refused === undefined) {
        await enter()
        if (!stop.aborted && refused === undefined) await stay()
      }
    } finally {
      unheard?.()
    }
  }

  async function begin(): Promise<void> {
    running = keep()
    try {
      await begun.promise
    } catch (cause) {
      await drain().catch(nothing)
      throw cause
    }
  }

  async function leave(): Promise<void> {
    const end = clock.now() + drainTimeout
    stopping.abort()
    rouse()
    if (!required) begun.resolve()
    else if (starting !== undefined) begun.reject(new CallError(why('ended')))
    await running
    if (!asked) return become('deregistered')
    become('deregistering')
    failures = 0
    for (let wait = 0; ; await clock.sleep(wait, hurry.signal)) {
      const left = Math.max(end - clock.now(), drainTimeout / 4)
      try {
        await callRegistry(clock, Math.min(timeout, left), deregister, [cut])
        well()
        return become('deregistered')
      } catch (cause) {
        failures++
        wait = hasty.next(failures, wait, random)
        // Where the registry never said that it holds it, one try is enough.
        const again = holds && !hurry.signal.aborted && clock.now() + wait < end
        failed('deregister', cause, again ? wait : undefined)
        if (again) continue
        become('abandoned')
        if (holds) throw new CallError(why('lingering'))
        return
      }
    }
  }

  function drain({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    ending ??= leave()
    if (signal === undefined) return ending
    const cutShort = (): void => hurry.abort()
    if (signal.aborted) cutShort()
    else signal.addEventListener('abort', cutShort)
    return ending.finally(() => signal.removeEventListener('abort', cutShort))
  }

  return {
    name,
    service,
    id,
    announces: true,
    async start({ signal } = {}) {
      if (ending !== undefined) throw new TypeError(`${name}: it has been drained; make another one`)
      starting ??= begin()
      if (signal === undefined) return starting
      return unlessGivenUp(starting, signal, async () => {
        if (!required) return
        // It did not start, so nobody will drain it.
        await drain({ signal }).catch(nothing)
        throw signal.reason
      })
    },
    async registered({ timeout: patience = 10_000 } = {}) {
      numberOption('registered', 'timeout', patience, { min: 0, unit: 'milliseconds' })
      await waiters.until(() => status === 'registered' || ending !== undefined, patience)
      if (status === 'registered') return ok()
      if (refused !== undefined) return fail(refused)
      if (ending === undefined) return fail(why('pending'))
      return fail(why(status === 'abandoned' && holds ? 'lingering' : 'ended'))
    },
    view: () => ({ service, id, status, failures, ...(error === undefined ? {} : { error }) }),
    drain,
    [Symbol.asyncDispose]: () => drain().catch(nothing),
  }
}

const nothing = (): void => {}
