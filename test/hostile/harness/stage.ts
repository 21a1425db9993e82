// Where an attack is watched: the process that is attacked, and somebody beside who asks all the time.
import { missing, startNats } from '../../../packages/transport-nats/test/nats-server.ts'
import type { BystanderAnswers } from '../victims/bystander.ts'
import type { Felt } from '../victims/bystanding.ts'
import type { ClientAnswers } from '../victims/client.ts'
import type { GrpcAnswers } from '../victims/grpc.ts'
import type { GrpcBystanderAnswers } from '../victims/grpc-bystander.ts'
import type { NatsAnswers } from '../victims/nats.ts'
import type { NatsBystanderAnswers } from '../victims/nats-bystander.ts'
import type { ServerAnswers } from '../victims/server.ts'
import { type Child, child } from './ask.ts'
import type { Attack } from './attack.ts'
import type { Measured } from './measures.ts'
import { pass } from './wire.ts'

/** What the attacked process is allowed. */
export interface Setting {
  readonly limits?: ReturnType<NonNullable<Attack['limits']>>
  /** Of the NATS client under the server. */
  readonly generation?: 2 | 3
  /** Files that the process may open; connections are files. */
  readonly files?: number
}

/** What was seen between two moments. */
export interface Seen {
  readonly ms: number
  readonly felt: Felt
  readonly measured: Measured
  /** What the attacked process told its operator, how often. */
  readonly told: Readonly<Record<string, number>>
  /** What must not be: faults of the process, and what it still had when all was over. */
  readonly wrong: readonly string[]
}

export interface Stage extends AsyncDisposable {
  /** Of the server that is attacked; where a client is, of the honest server that it calls beside. */
  readonly port: number
  /** Asks the attacked process. */
  ask(name: string, given?: unknown): Promise<unknown>
  watch(act: () => Promise<void>): Promise<Seen>
}

/** Starts a server, and lets it become warm: what is compiled and cached at the first calls is nobody's attack. */
export async function serverStage({ limits = {}, files }: Setting, warm: number): Promise<Stage> {
  const server = child<ServerAnswers>('victims/server.ts', [JSON.stringify({ limits })], files)
  const port = await server.ask('port')
  const bystander = child<BystanderAnswers>('victims/bystander.ts', [String(port)])
  return await staged(port, server, bystander, [server, bystander], warm)
}

/** The same with a server of gRPC. */
export async function grpcStage({ limits = {}, files }: Setting, warm: number): Promise<Stage> {
  const server = child<GrpcAnswers>('victims/grpc.ts', [JSON.stringify({ limits })], files)
  const port = await server.ask('port')
  const bystander = child<GrpcBystanderAnswers>('victims/grpc-bystander.ts', [String(port)])
  return await staged(port, server, bystander, [server, bystander], warm)
}

/** Starts a NATS server, and a server of ours and somebody who calls it on connections to that. */
export async function natsStage({ limits = {}, generation = 3 }: Setting, warm: number): Promise<Stage> {
  const between = await startNats()
  if (between === undefined) throw new Error(missing)
  const given = JSON.stringify({ limits, generation, url: between.url })
  const server = child<NatsAnswers>('victims/nats.ts', [given])
  await server.ask('ready')
  const bystander = child<NatsBystanderAnswers>('victims/nats-bystander.ts', [between.url])
  const port = Number(between.url.split(':').at(-1))
  return await staged(port, server, bystander, [server, bystander, between], warm)
}

/** Starts a client, and an honest server that it calls beside. */
export async function clientStage(_: Setting, warm: number): Promise<Stage> {
  const honest = child<ServerAnswers>('victims/server.ts')
  const port = await honest.ask('port')
  const client = child<ClientAnswers>('victims/client.ts', [String(port)])
  return await staged(port, client, client, [client, honest], warm)
}

type Watched = Pick<Child<Pick<ServerAnswers, 'begin' | 'end' | 'state' | 'told'>>, 'ask' | 'askAny'>

async function staged(
  port: number,
  process: Watched,
  bystander: Pick<Child<BystanderAnswers>, 'ask'>,
  all: readonly AsyncDisposable[],
  warm: number,
): Promise<Stage> {
  await bystander.ask('ask')
  await pass(warm)
  await bystander.ask('rest')
  return {
    port,
    ask: process.askAny,
    async watch(act) {
      await process.ask('told')
      await process.ask('begin')
      await bystander.ask('felt')
      await bystander.ask('ask')
      const start = performance.now()
      await act()
      const ms = performance.now() - start
      const felt = await bystander.ask('felt')
      await bystander.ask('rest')
      const wrong = await quiet(process)
      return { ms, felt, measured: await process.ask('end'), told: await process.ask('told'), wrong }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((one) => one[Symbol.asyncDispose]()))
    },
  }
}

/** Connections that somebody who is no attacker may keep. */
const keeps = 2

/** Waits until the process has nothing to do any more; what it still has after that is wrong. */
async function quiet(process: Watched): Promise<readonly string[]> {
  const faults: string[] = []
  let left = ''
  for (let i = 0; i < 150; i++) {
    const state = await process.ask('state')
    faults.push(...state.faults)
    if (state.inFlight === 0 && state.connections <= keeps) return faults
    left = `${state.inFlight} requests and ${state.connections} connections are left`
    await pass(20)
  }
  return [...faults, left]
}
