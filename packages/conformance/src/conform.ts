// Runs cases on a wire: each on servers of its own, which are closed when it ends, and never longer than it may take.
import { subscribe, type Telemetry } from '@tenon/endpoint'
import type { Case, Stage } from './case.ts'
import { clientStreams } from './cases/client-streams.ts'
import { duplex } from './cases/duplex.ts'
import { failures } from './cases/failures.ts'
import { kinds } from './cases/kinds.ts'
import { load } from './cases/load.ts'
import { metadata } from './cases/metadata.ts'
import { serverStreamEnds } from './cases/server-stream-ends.ts'
import { serverStreams } from './cases/server-streams.ts'
import { time } from './cases/time.ts'
import { Suite } from './everything.ts'
import { serving } from './serving.ts'
import type { Feature, Served, Wire } from './wire.ts'

/** Every behaviour, in the order of tables. */
export const cases: readonly Case[] = [
  ...kinds,
  ...failures,
  ...time,
  ...metadata,
  ...load,
  ...serverStreams,
  ...serverStreamEnds,
  ...clientStreams,
  ...duplex,
]

/** What came of one case on one wire. */
export type Verdict =
  | { readonly id: string; readonly says: string; readonly result: 'passed' }
  /** The wire cannot do what the case needs; `why` is the wire's own reason. */
  | {
      readonly id: string
      readonly says: string
      readonly result: 'lacks'
      readonly feature: Feature
      readonly why: string
    }
  /** `why`: what it did instead. */
  | { readonly id: string; readonly says: string; readonly result: 'failed'; readonly why: string }

/** Milliseconds that a case may take. */
const longest = 10_000

/** Runs one case on a wire. Never rejects. */
export async function conforms(one: Case, wire: Wire): Promise<Verdict> {
  const { id, says, needs } = one
  const feature = needs.find((need) => wire.lacks?.[need] !== undefined)
  if (feature !== undefined) return { id, says, result: 'lacks', feature, why: wire.lacks?.[feature] as string }
  const started: Served[] = []
  const reported: Telemetry[] = []
  const onTelemetry = (event: Telemetry): void => void reported.push(event)
  const stage: Stage = {
    async start(implementations, grace = 2_000) {
      const server = await wire.serve(implementations, { grace, onTelemetry })
      started.push(server)
      return server
    },
    async open(handlers, { grace, ...options } = {}) {
      const server = await stage.start(serving(handlers, wire.lacks?.anything === undefined), grace)
      return { server, client: server.client(Suite, options), reported }
    },
  }
  // Cases provoke defects on purpose: somebody listens, so that they are no news to whoever runs the suite.
  using _defects = subscribe(onTelemetry, ['defect'])
  let why: string | undefined
  try {
    await within(longest, 'the case', one.run(stage))
  } catch (cause) {
    why = cause instanceof Error ? cause.message : String(cause)
  }
  for (const server of started)
    await within(longest, 'closing the server', server[Symbol.asyncDispose]()).catch((cause: Error) => {
      why ??= cause.message
    })
  return why === undefined ? { id, says, result: 'passed' } : { id, says, result: 'failed', why }
}

/** Runs all cases, or those given, one after the other. Never rejects. */
export async function conformance(wire: Wire, which: readonly Case[] = cases): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const one of which) verdicts.push(await conforms(one, wire))
  return verdicts
}

function within(ms: number, what: string, work: PromiseLike<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms)
    work.then(resolve, reject).then(() => clearTimeout(timer))
  })
}
