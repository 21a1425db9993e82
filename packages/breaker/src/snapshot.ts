// What a breaker remembers beyond the process: plain data with a version, checked when it comes back.
import { choiceOption, numberOption } from '@tenon/policy'
import type { Evidence } from './detector.ts'

/** A circuit's state, as plain data. Moments are milliseconds from when it was taken: clocks differ from process to process. */
export interface CircuitSnapshot {
  readonly key: string
  /** One that was half-open is `open` with nothing left to wait. */
  readonly state: 'closed' | 'open'
  /** Somebody holds it in this state. */
  readonly held?: boolean
  /** Openings in a row. */
  readonly opening?: number
  /** Milliseconds that it waits, and how many of them are left. */
  readonly wait?: number
  readonly left?: number
  /** What its detector, of this name, knew. */
  readonly detector?: string
  readonly evidence?: Evidence
}

/** A breaker's circuits, ready for `JSON.stringify`. */
export interface BreakerSnapshot {
  readonly version: 1
  readonly circuits: readonly CircuitSnapshot[]
}

/**
 * The circuits of a snapshot, however it was stored.
 *
 * @throws TypeError or RangeError naming what is not as it should be.
 */
export function circuitsOf(snapshot: unknown): readonly CircuitSnapshot[] {
  const { version, circuits } = recordOf('snapshot', snapshot)
  if (version !== 1) throw new TypeError(`breaker: "snapshot.version" must be 1, but was ${JSON.stringify(version)}`)
  if (!Array.isArray(circuits)) throw new TypeError('breaker: "snapshot.circuits" must be an array')
  return circuits.map((circuit, index) => circuitOf(`snapshot.circuits[${index}]`, circuit))
}

function circuitOf(where: string, circuit: unknown): CircuitSnapshot {
  const { key, state, held, opening, wait, left, detector, evidence } = recordOf(where, circuit)
  if (typeof key !== 'string') throw new TypeError(`breaker: "${where}.key" must be a string`)
  if (held !== undefined && typeof held !== 'boolean')
    throw new TypeError(`breaker: "${where}.held" must be true or false`)
  if (detector !== undefined && typeof detector !== 'string')
    throw new TypeError(`breaker: "${where}.detector" must be a string`)
  const number = (name: string, value: unknown, min: number): number | undefined =>
    value === undefined ? undefined : numberOption('breaker', `${where}.${name}`, value, { min })
  const given = {
    held,
    opening: number('opening', opening, 1),
    wait: number('wait', wait, 0),
    left: number('left', left, 0),
    detector,
    evidence: evidence as Evidence | undefined,
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { key, state: choiceOption('breaker', `${where}.state`, state, ['closed', 'open']), ...known }
}

function recordOf(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new TypeError(`breaker: "${where}" must be an object`)
}
