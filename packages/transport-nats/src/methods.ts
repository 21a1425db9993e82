// A contract's methods as subjects: one below the contract's name for each, JSON both ways.
import { type AnyMethod, type Codecs, codecs, type Implementation } from '@tenon/contract'
import { type Endpoint, type Failure, type MethodInfo, runner } from '@tenon/endpoint'
import { decodeJson, encodeJson } from './codec.ts'
import { readFailure, writeFailure } from './failure.ts'
import type { Flow, Surroundings } from './flow.ts'
import { Stats } from './service.ts'

/** Anything that `implement` makes. */
// biome-ignore lint/suspicious/noExplicitAny: methods of every type, in every position
export type AnyImplementation = Implementation<string, any>

/** The subject below which a contract's methods stand. */
export const baseOf = (prefix: string | undefined, contract: string): string =>
  prefix === undefined ? contract : `${prefix}.${contract}`

/** Where servers of a contract hear which callers have left. Methods are one word below the contract, this is two. */
export const leavingOf = (base: string): string => `${base}.callers.left`

/** What is served of an implementation, by the method's name. */
export function flowsOf({ contract, endpoints }: AnyImplementation, around: Surroundings): Map<string, Flow> {
  const flows = new Map<string, Flow>()
  for (const [name, method] of Object.entries(contract.methods as Record<string, AnyMethod & MethodInfo>)) {
    if (method.kind === 'event') continue
    flows.set(name, { ...around, ...steps(endpoints[name] as Endpoint<unknown, unknown, Failure>, method) })
  }
  return flows
}

function steps(
  endpoint: Endpoint<unknown, unknown, Failure>,
  method: AnyMethod & MethodInfo,
): Omit<Flow, keyof Surroundings> {
  const coded: Codecs = codecs(method)
  const takes = method.kind === 'clientStream' || method.kind === 'duplex'
  return {
    run: runner(endpoint),
    method,
    stats: new Stats(),
    decode: (request) => readInput(coded, request),
    encode: (output, reply) => encodeJson(coded.encodeOutput(output), reply),
    encodeError: (failure, reply) => writeFailure(coded.encodeFailure(failure), reply),
    readItem: takes ? (message) => readItem(coded, message) : undefined,
    gives: method.kind === 'serverStream' || method.kind === 'duplex',
  }
}

type Item = Parameters<NonNullable<Flow['readItem']>>[0]

function readItem(coded: Codecs, message: Item): ReturnType<NonNullable<Flow['readItem']>> {
  const failure = readFailure(message)
  if (failure !== undefined) return { _tag: 'Left', left: coded.decodeFailure(failure) }
  return readInput(coded, { body: message.data })
}

/** An input, an event, or one message of a stream, from its bytes. */
export function readInput(coded: Codecs, message: { readonly body: Uint8Array }): ReturnType<Codecs['decodeInput']> {
  const body = decodeJson(message)
  return body._tag === 'Left' ? body : coded.decodeInput(body.right)
}

/** The subject of an event. Two words below the contract, so that its servers do not hear it. */
export const eventOf = (base: string, event: string): string => `${base}.events.${event}`

/** Where an event goes that nobody could handle. */
export const deadOf = (base: string, event: string): string => `${base}.dead.${event}`
