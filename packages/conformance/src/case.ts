// One behaviour, and what a case has at hand to show it.
import assert from 'node:assert/strict'
import type { ClientOf, Implementation } from '@tenon/contract'
import type { Failure, Outcome, Stream, Telemetry } from '@tenon/endpoint'
import type { Suite } from './everything.ts'
import type { Handlers } from './serving.ts'
import type { ClientOptions, Feature, Served } from './wire.ts'

/** A server for the case's own handlers, and a client of it. */
export interface Setting {
  readonly server: Served
  readonly client: ClientOf<typeof Suite>
  /** What the server reported so far. */
  readonly reported: readonly Telemetry[]
}

/** What a case runs with. */
export interface Stage {
  /** Starts a server of these implementations; it is closed when the case ends. */
  start(implementations: readonly Implementation[], grace?: number): Promise<Served>
  /** Starts a server; all that is started is closed when the case ends. `grace`: default 2,000 ms. */
  open(handlers: Handlers, options?: ClientOptions & { readonly grace?: number }): Promise<Setting>
}

/** One behaviour that every wire must show. */
export interface Case {
  /** `deadlines/handler-hears`: its group and its name. */
  readonly id: string
  /** given ..., when ..., then ... */
  readonly says: string
  /** What a wire must be able to do for it. */
  readonly needs: readonly Feature[]
  /** Resolves where the wire behaves, rejects with what it did instead. */
  run(stage: Stage): Promise<void>
}

/** Cases of one group. */
export const group = (
  name: string,
  cases: Readonly<Record<string, Omit<Case, 'id' | 'needs'> & { readonly needs?: readonly Feature[] }>>,
): readonly Case[] => Object.entries(cases).map(([key, one]) => ({ needs: [], ...one, id: `${name}/${key}` }))

/** The value of a success. */
export function right<O>(
  outcome: { readonly _tag: 'Left'; readonly left: Failure } | { readonly _tag: 'Right'; readonly right: O },
): O {
  if (outcome._tag === 'Right') return outcome.right
  return assert.fail(`expected a success and not ${JSON.stringify(outcome.left)}`)
}

/** The failure of a call that must not succeed. */
export function left(outcome: Outcome): Failure {
  if (outcome._tag === 'Left') return outcome.left
  return assert.fail(`expected a failure and not ${JSON.stringify(outcome.right)}`)
}

/** Does the failure have at least these fields, and these values in them? */
export function like(failure: Failure, expected: Readonly<Record<string, unknown>>): void {
  const actual = Object.fromEntries(
    Object.keys(expected).map((key) => [key, (failure as unknown as Record<string, unknown>)[key]]),
  )
  assert.deepEqual(actual, expected, `the failure is ${JSON.stringify(failure)}`)
}

/** Everything that a stream gives until it ends. */
export async function all<O>(items: Stream<O, Failure>): Promise<Outcome[]> {
  const read: Outcome[] = []
  for await (const item of items) read.push(item)
  return read
}

/** Waits until it holds, two seconds at most. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const until = performance.now() + 2_000; !holds(); await sleep(2))
    if (performance.now() > until) assert.fail(`not within two seconds: ${what}`)
}

/** Milliseconds of real time: what is tested stands in another process, or could. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
