// Where an attack is watched: the process that is attacked, and somebody beside who asks all the time.
import type { ServerLimits } from '@tenon/transport-http'
import type { BystanderAnswers } from '../victims/bystander.ts'
import type { Felt } from '../victims/bystanding.ts'
import type { ClientAnswers } from '../victims/client.ts'
import type { ServerAnswers } from '../victims/server.ts'
import { type Child, child } from './ask.ts'
import type { Measured } from './measures.ts'
import { pass } from './wire.ts'

/** What the attacked process is allowed. */
export interface Setting {
  readonly limits?: ServerLimits
  /** Files that the process may open; connections are files. */
  readonly files?: number
}

/** What was seen between two moments. */
export interface Seen {
  readonly ms: number
  readonly felt: Felt
  readonly measured: Measured
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

/** Starts a client, and an honest server that it calls beside. */
export async function clientStage(warm: number): Promise<Stage> {
  const honest = child<ServerAnswers>('victims/server.ts')
  const port = await honest.ask('port')
  const client = child<ClientAnswers>('victims/client.ts', [String(port)])
  return await staged(port, client, client, [client, honest], warm)
}

type Watched = Pick<Child<Pick<ServerAnswers, 'begin' | 'end' | 'state'>>, 'ask' | 'askAny'>

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
      await process.ask('begin')
      await bystander.ask('felt')
      await bystander.ask('ask')
      const start = performance.now()
      await act()
      const ms = performance.now() - start
      const felt = await bystander.ask('felt')
      await bystander.ask('rest')
      const wrong = await quiet(process)
      return { ms, felt, measured: await process.ask('end'), wrong }
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
