// A connection to NATS for as long as an example runs: to a server that is there, or to one that the example starts.
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Option, runs, startChild, Unable, written } from '@tenon/example-command'

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

async function started(host: string, port: number): Promise<AsyncDisposable & { readonly url: string }> {
  if (!runs('nats-server'))
    throw new Unable('no nats-server is on PATH (npm start fetches one), and no --nats-url given')
  const child = await startChild({
    program: 'nats-server',
    args: ['-a', host, '-p', String(port === 0 ? -1 : port)],
    // Its log says where it listens, or why it does not.
    ready(said) {
      const port = /Listening for client connections on \S+:(\d+)\n/.exec(said)?.[1]
      return port !== undefined && said.includes('Server is ready') ? Number(port) : undefined
    },
    reason: (said) => /\[FTL\] (.*)/.exec(said)?.[1],
  })
  return { url: `nats://${written({ host, port: child.told })}`, [Symbol.asyncDispose]: child[Symbol.asyncDispose] }
}
