// A connection to NATS for as long as an example runs: to a server that is there, or to one that the example starts.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Option, Unable, written } from '@tenon/example-command'

/** Where NATS is. */
export interface Where {
  /** Of a server that runs; `''` to start one. */
  readonly url: string
  /** Where one that is started listens: 0 takes a free port. */
  readonly host: string
  readonly port: number
}

/** A connection, and the server behind it where it is ours. Dispose it when nothing uses it any more. */
export interface NatsLink extends AsyncDisposable {
  readonly url: string
  readonly connection: NatsConnection
}

/** `--nats-url`: a NATS server that runs. */
export const natsUrl: Option<string> = {
  usual: '',
  takes: 'URL',
  is: 'a NATS server that runs; without it one is started, where there is one to start',
  read: (text) => text,
}

/** Connects to the server at `url`, or starts one. Rejects with an {@link Unable} that says in one line why it cannot. */
export async function openNats({ url, host, port }: Where): Promise<NatsLink> {
  if (url !== '') return natsAt(url)
  const server = await started(host, port)
  const link = await natsAt(server.url).catch(async (cause) => {
    await server[Symbol.asyncDispose]()
    throw cause
  })
  return {
    ...link,
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Connects to the server at `url`. Rejects with an {@link Unable} where none answers within two seconds. */
export async function natsAt(url: string): Promise<NatsLink> {
  // Once it is there it is waited for however often it goes: calls fail meanwhile, and go through when it is back.
  const connection = await connect({ servers: url, timeout: 2_000, maxReconnectAttempts: -1 }).catch((cause) => {
    throw new Unable(`no NATS server answers at ${url} (${(cause as Error).message})`)
  })
  return { url, connection, [Symbol.asyncDispose]: () => connection.close() }
}

const runs = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

async function started(host: string, port: number): Promise<AsyncDisposable & { readonly url: string }> {
  if (!runs('nats-server'))
    throw new Unable('no nats-server is on PATH (npm start fetches one), and no --nats-url given')
  const command = ['nats-server', '-a', host, '-p', String(port === 0 ? -1 : port)]
  // It ends with this process, even if that is killed, where the system can do so.
  const [program = '', ...args] = runs('setpriv') ? ['setpriv', '--pdeathsig', 'TERM', ...command] : command
  // Of a group of its own: Ctrl-C is for this process, which still needs it for the calls in flight.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  try {
    const url = `nats://${written({ host, port: await portOf(child) })}`
    return { url, [Symbol.asyncDispose]: () => ended(child) }
  } catch (cause) {
    await ended(child)
    throw cause
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill()
  await gone
}

/** Milliseconds that it has to start. */
const patience = 10_000

/** Its log says where it listens, or why it does not. */
async function portOf(child: ChildProcess): Promise<number> {
  const late = setTimeout(() => child.kill(), patience)
  const { stderr } = child as { readonly stderr: Readable }
  let log = ''
  try {
    // Not closed after that: it writes its log there as long as it runs.
    for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
      log += String(chunk)
      const port = /Listening for client connections on \S+:(\d+)\n/.exec(log)?.[1]
      if (port !== undefined && log.includes('Server is ready')) return Number(port)
    }
  } finally {
    clearTimeout(late)
    stderr.resume()
  }
  const why = /\[FTL\] (.*)/.exec(log)?.[1] ?? log.trim().split('\n').at(-1)
  throw new Unable(`nats-server does not start: ${why}`)
}
