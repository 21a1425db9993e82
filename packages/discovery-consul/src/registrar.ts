// Registers an instance at Consul's agent, and keeps it there.
import {
  adaptiveHeartbeat,
  fixedHeartbeat,
  type Heartbeat,
  type Registering,
  type Registrar,
  type Registration,
  type RegistryCall,
  type RegistryParts,
  registrationOf,
} from '@tenon/discovery'
import type { OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Calls } from './calls.ts'
import { type Check, type CheckState, ttl } from './checks.ts'
import { ConsulError, malformed } from './failure.ts'
import { kept } from './kept.ts'
import type { Settings } from './options.ts'
import { checkId, registrationBody } from './registration.ts'

/** What only Consul's registrar takes. */
interface Own {
  /** How Consul knows that it is well. Several: all must pass. Default `ttl()`. `'none'`: as long as the agent lives. */
  readonly check?: Check | readonly Check[] | 'none'
  /** Its weight while a check warns, for those who ask for such ones, whole, from 0. Default 1. */
  readonly warningWeight?: number
}

/** What a service says of itself, how Consul is to check it, and how hard to try. */
export interface ConsulRegistration extends Registration, Registering, Own {}

/** A registration in Consul. */
export interface ConsulRegistrar extends Registrar {
  /**
   * Maintenance: Consul takes it for critical while it lasts, whatever its checks say. Kept when it is registered anew, and
   * done later when it is not registered yet. Rejects with a `ConsulError`.
   */
  maintenance(on: boolean, reason?: string): Promise<void>
}

const named: OptionNames<Own> = { check: true, warningWeight: true }

/** @throws TypeError or RangeError for a bad option, or what Consul would not take. */
export function registrar(
  settings: Settings,
  calls: Calls,
  parts: RegistryParts,
  given: ConsulRegistration,
): ConsulRegistrar {
  const where = `registrar of ${String((given as Partial<ConsulRegistration> | undefined)?.service)}`
  const { service, instance, registering } = registrationOf(where, given, named)
  const { id } = instance
  const { check = ttl(), warningWeight = 1 } = given
  numberOption(where, 'warningWeight', warningWeight, { min: 0, max: 65_535, whole: true })
  const checks = checksOf(where, check)
  const heartbeat = heartbeatOf(where, checks, registering.heartbeat)
  const live = 3 * heartbeat.longest
  const body = JSON.stringify(registrationBody(where, instance, { service, checks, live, warningWeight }))
  /** What maintenance was asked for, until it was ended. */
  let maintained: { readonly reason: string | undefined } | undefined
  let holds = false

  async function maintain(signal?: AbortSignal): Promise<void> {
    const enable = maintained !== undefined
    const reason = maintained?.reason
    await calls.plain({ what: `maintenance of ${service} ${id}`, signal }, (client, common) =>
      client.agent.service.maintenance({ id, enable, ...(reason === undefined ? {} : { reason }), ...common }),
    )
  }

  async function beat(call: RegistryCall): Promise<'forgotten' | undefined> {
    const what = `heartbeat of ${service} ${id}`
    const spoken = [...checks.entries()].filter(([, { kind }]) => kind === 'ttl')
    if (spoken.length === 0) {
      const path = `/agent/service/${encodeURIComponent(id)}`
      const { status } = await calls.raw({ what, ...call, path, statuses: [404] })
      return status === 404 ? forgotten() : undefined
    }
    for (const [at, { state }] of spoken) {
      const verb = verbs[await said(state)]
      try {
        await calls.plain({ what, ...call }, ({ agent: { check } }, common) =>
          check[verb]({ id: checkId(id, at), ...common }),
        )
      } catch (error) {
        if (isUnknown(error)) return forgotten()
        throw error
      }
    }
    return undefined
  }

  function forgotten(): 'forgotten' {
    holds = false
    return 'forgotten'
  }

  const registrar = parts.registrar({
    clock: settings.clock,
    random: settings.random,
    onTelemetry: settings.onTelemetry,
    ...registering,
    heartbeat,
    service,
    id,
    async register(call) {
      const what = `registering ${service} ${id}`
      const answer = await calls.raw({
        what,
        ...call,
        method: 'PUT',
        path: '/agent/service/register',
        query: [['replace-existing-checks', 'true']],
        body,
      })
      // Consul has nothing to say; a web server that answers everything has.
      if (!['', 'null', 'true'].includes(answer.body.trim()))
        throw malformed(what, settings.base.origin, 'what is none of its words')
      holds = true
      if (maintained !== undefined) await maintain(call.signal)
    },
    async deregister(call) {
      await calls
        .plain({ what: `deregistering ${service} ${id}`, ...call }, ({ agent }, common) =>
          agent.service.deregister({ id, ...common }),
        )
        .catch((error) => {
          if (!isUnknown(error)) throw error
        })
      holds = false
    },
    beat,
    whenBack: (back) =>
      kept(settings, id, `keeping ${service} ${id}`, (there, away) => {
        if (away || (holds && !there)) back()
      }),
  })
  return {
    ...registrar,
    async maintenance(on, reason) {
      maintained = on ? { reason } : undefined
      if (holds) await maintain()
    },
  }
}

const verbs = { passing: 'pass', warning: 'warn', critical: 'fail' } as const satisfies Record<CheckState, string>

/** What it says of itself; who cannot say it is not well. */
async function said(state: Check['state']): Promise<CheckState> {
  if (state === undefined) return 'passing'
  try {
    const answer = await state()
    return Object.hasOwn(verbs, answer) ? answer : 'critical'
  } catch {
    return 'critical'
  }
}

/** The agent does not know it: it was started anew, or somebody took it out. Old ones say so with 500. */
const isUnknown = (error: unknown): boolean =>
  error instanceof ConsulError &&
  (error.status === 404 || /does not have associated TTL|unknown check|unknown service/i.test(error.message))

function checksOf(where: string, check: ConsulRegistration['check']): readonly Check[] {
  if (check === 'none') return []
  const checks = Array.isArray(check) ? (check as readonly Check[]) : [check as Check]
  for (const one of checks)
    if (typeof one?.definition !== 'function')
      throw new TypeError(`${where}: "check" is ttl(), httpCheck(), grpcCheck(), tcpCheck(), a list of them, or "none"`)
  return checks
}

function heartbeatOf(where: string, checks: readonly Check[], given: Heartbeat | undefined): Heartbeat {
  const every = checks.flatMap(({ every }) => (every === undefined ? [] : [every]))
  if (every.length > 0 && given !== undefined)
    throw new TypeError(`${where}: "heartbeat" and "every" of ttl() say the same: give one of them`)
  const heartbeat = every.length > 0 ? fixedHeartbeat(Math.min(...every)) : (given ?? adaptiveHeartbeat())
  for (const { kind, ttl } of checks)
    if (kind === 'ttl' && ttl !== undefined && ttl < 2 * heartbeat.longest)
      throw new RangeError(
        `${where}: the time to live of ttl() must be twice the longest wait between two heartbeats at least, ${2 * heartbeat.longest} ms, and not ${ttl}`,
      )
  return heartbeat
}
