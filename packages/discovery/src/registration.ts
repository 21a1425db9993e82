// What a service says of itself when it registers, and how hard it tries: what the registrars of all registries take.
import {
  type Clock,
  knownOptions,
  type OptionNames,
  type Random,
  systemClock,
  systemRandom,
  type TelemetryListener,
} from '@tenon/endpoint'
import { type Backoff, exponential, functionOption, numberOption } from '@tenon/policy'
import { adaptiveHeartbeat, type Heartbeat } from './heartbeat.ts'
import { type Instance, type InstanceFields, instance } from './instance.ts'

/** What a service says of itself when it registers. */
export interface Registration extends InstanceFields {
  readonly service: string
  /**
   * Default: the service, the address and eight random digits, another one for each registrar: a process that comes back
   * after a crash is a new instance beside what is left of the old one, until the registry drops that. With an id of
   * your own it takes the old one's place. Two that run at once must not share one: in most registries they are one
   * entry, which the later one overwrites, and whoever drains takes it out.
   */
  readonly id?: string | undefined
}

/** How hard a registrar tries. Times are milliseconds. */
export interface Registering {
  /** Tries in quick succession, before it goes on more slowly. Default 5. */
  readonly attempts?: number | undefined
  /** Between those, give or take a quarter. Default 2,000. */
  readonly delay?: number | undefined
  /** Waits after those, without end. Default: exponential from twice `delay` to 60,000 (or that, if it is more), with jitter. */
  readonly retry?: Backoff | undefined
  /** What each call to the registry may take. Default 5,000. */
  readonly timeout?: number | undefined
  /** What a drain may take in all: it tries to deregister until then. Default 5,000. */
  readonly drainTimeout?: number | undefined
  /** How often it says that it is still there, where the registry wants to hear that. Default: the backend's. */
  readonly heartbeat?: Heartbeat | undefined
  /**
   * Whether `start()` rejects when it is not registered after `attempts`. Default false: a registry that is down stops no
   * service; it is registered when that can be done.
   */
  readonly required?: boolean | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Hears `discovery.registration` and `discovery.registrarError`. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

/** What the registrar of every registry takes. */
export interface RegistrationOptions extends Registration, Registering {}

/** The names of all that a {@link Registering} has, for those who check options of their own beside them. */
export const registeringNames: OptionNames<Registering> = {
  attempts: true,
  delay: true,
  retry: true,
  timeout: true,
  drainTimeout: true,
  heartbeat: true,
  required: true,
  clock: true,
  random: true,
  onTelemetry: true,
}

const fieldNames: OptionNames<Registration> = {
  service: true,
  id: true,
  address: true,
  url: true,
  tags: true,
  metadata: true,
  weight: true,
  name: true,
  version: true,
  zone: true,
  healthPath: true,
}

/** The parts of what a backend's registrar was given. */
export interface RegistrationParts {
  readonly service: string
  /** With an id, and the service's name where none was given. */
  readonly instance: Instance
  /** For `registrarOf`. */
  readonly registering: Registering
}

/**
 * Takes apart and checks what a backend's registrar was given; `own` names the options that only it has.
 *
 * @throws TypeError when there is no service, no address, or an option that there is not.
 */
export function registrationOf(
  where: string,
  given: RegistrationOptions,
  own: Readonly<Record<string, true>> = {},
): RegistrationParts {
  knownOptions(where, given, { ...fieldNames, ...registeringNames, ...own })
  const { service } = given
  if (typeof service !== 'string' || service === '') throw new TypeError(`${where}: "service" must be a name`)
  const pick = (names: object): object =>
    Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(names, name)))
  const { service: _, ...fields } = pick(fieldNames) as Registration
  const plain = instance({ ...fields, name: fields.name ?? service })
  return {
    service,
    instance: fields.id === undefined ? instance({ ...plain, id: uniqueId(service, plain.address) }) : plain,
    registering: pick(registeringNames),
  }
}

/** An id that nobody else has. */
const uniqueId = (service: string, address: string): string =>
  [service, address.replaceAll(/[^\w.]+/g, '-'), crypto.randomUUID().slice(0, 8)].join('-')

/** A {@link Registering} with its defaults. */
type Trying = { readonly [K in Exclude<keyof Registering, 'onTelemetry'>]-?: NonNullable<Registering[K]> } & {
  readonly onTelemetry: TelemetryListener | undefined
}

/** @throws TypeError or RangeError on a bad option. */
export function registeringOptions(where: string, given: Registering): Trying {
  const { attempts = 5, delay = 2_000, timeout = 5_000, drainTimeout = 5_000, required = false } = given
  numberOption(where, 'attempts', attempts, { min: 1, whole: true })
  numberOption(where, 'delay', delay, { min: 0, unit: 'milliseconds' })
  numberOption(where, 'timeout', timeout, { above: 0, unit: 'milliseconds' })
  numberOption(where, 'drainTimeout', drainTimeout, { above: 0, unit: 'milliseconds' })
  if (typeof required !== 'boolean') throw new TypeError(`${where}: "required" must be true or false`)
  const from = Math.max(1, 2 * delay)
  const { retry = exponential({ from, to: Math.max(from, 60_000), jitter: 'equal' }) } = given
  functionOption(where, 'retry.next', retry.next)
  const { heartbeat = adaptiveHeartbeat() } = given
  functionOption(where, 'heartbeat.next', heartbeat.next)
  const { clock = systemClock, random = systemRandom, onTelemetry } = given
  return { attempts, delay, retry, timeout, drainTimeout, heartbeat, required, clock, random, onTelemetry }
}
