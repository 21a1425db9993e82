// A real nats-server, as the tests start it: its file belongs to them, so it is named by its path.
import type { Broker } from '../load/parts.ts'

interface Starter {
  startNats(): Promise<({ readonly url: string } & AsyncDisposable) | undefined>
  readonly missing: string
}

const file = new URL('../../../packages/transport-nats/test/nats-server.ts', import.meta.url).href

export async function natsServer(): Promise<Broker> {
  const { startNats, missing }: Starter = await import(file)
  const server = await startNats()
  if (server === undefined) throw new Error(missing)
  return { port: Number(server.url.split(':').at(-1)), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
