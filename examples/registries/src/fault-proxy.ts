// A network between a client and a server that can be slow, silent, cut or gone, and then well again.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { cut, type Lane, lane, type Weather } from './lane.ts'
import { loopback } from './loopback.ts'

export interface ProxyOptions {
  /** Milliseconds each way at first: half of the round trip. Default 0. */
  readonly delay?: number
  /** Connections at a time; those beyond are closed. Default 10,000. */
  readonly connections?: number
}

/** A proxy for TCP. Disposing resets what is open and ends it. */
export interface FaultProxy extends AsyncDisposable {
  /** The server's url, on an address of the proxy. */
  readonly url: string
  readonly host: string
  /** Connections that clients have open. */
  readonly open: number
  /** Connections that were opened since it began. */
  readonly opened: number
  /** Milliseconds each way from now on; opening a connection costs a round trip as well. What is on its way keeps its time. */
  delay(ms: number): void
  /** Connections that are open carry nothing any more, and stay open. */
  stall(): void
  /** Connections that are open end, at once and rudely. New ones pass. */
  reset(): void
  /** New connections are refused. Those that are open pass. */
  refuse(): Promise<void>
  /** New connections are opened and hear nothing. Those that are open pass. */
  drop(): void
  /** `stall` and `drop`: nobody hears of anybody, and nobody is told. */
  partition(): void
  /** All is well: what was held back arrives, as it does when packets are sent again. */
  heal(): Promise<void>
}

interface Pair {
  readonly near: Socket
  /** To the server; `undefined` while the connection is held. */
  far: Socket | undefined
  lanes: readonly Lane[]
}

/** Starts one before the server at `url`, on an address that nobody else uses. */
export async function faultProxy(url: string, options: ProxyOptions = {}): Promise<FaultProxy> {
  const { delay = 0, connections = 10_000 } = options
  const target = new URL(url)
  const port = Number(target.port)
  const host = loopback()
  const weather: Weather = { delay }
  const pairs = new Set<Pair>()
  let dropping = false
  let opened = 0
  let server: Server | undefined

  function join(pair: Pair): void {
    const { near } = pair
    const opened = performance.now() + 3 * weather.delay
    const far = connect({ host: target.hostname, port, allowHalfOpen: true, noDelay: true })
    pair.far = far
    pair.lanes = [lane(near, far, weather, opened), lane(far, near, weather, 0)]
    far.on('error', () => {}).on('close', () => forget(pair))
  }

  function forget(pair: Pair): void {
    if (pair.near.destroyed && (pair.far === undefined || pair.far.destroyed)) pairs.delete(pair)
  }

  function accept(near: Socket): void {
    const pair: Pair = { near, far: undefined, lanes: [] }
    opened++
    pairs.add(pair)
    near.on('error', () => {}).on('close', () => forget(pair))
    if (!dropping) join(pair)
  }

  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const starting = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false }, accept)
      starting.maxConnections = connections
      starting.once('error', reject).listen({ host, port, backlog: 4_096 }, () => {
        server = starting
        resolve()
      })
    })
  const refuse = (): void => {
    // It stops listening at once; connections that are open do not concern it.
    server?.close()
    server = undefined
  }
  const reset = (): void => {
    for (const { near, far } of pairs) {
      cut(near)
      if (far !== undefined) cut(far)
    }
  }
  const stall = (): void => {
    for (const { lanes } of pairs) for (const each of lanes) each.stall()
  }
  const drop = (): void => {
    dropping = true
  }

  await listen()
  return {
    url: Object.assign(new URL(url), { hostname: host }).href.replace(/\/$/, ''),
    host,
    get open() {
      // Whoever closes says so, and perhaps nobody answers that for a long time.
      return [...pairs].filter(({ near }) => !near.destroyed && !near.readableEnded).length
    },
    get opened() {
      return opened
    },
    delay(ms) {
      weather.delay = ms
    },
    stall,
    reset,
    refuse: async () => refuse(),
    drop,
    partition() {
      stall()
      drop()
    },
    async heal() {
      dropping = false
      for (const pair of pairs) {
        if (pair.far === undefined && !pair.near.destroyed) join(pair)
        for (const each of pair.lanes) each.resume()
      }
      if (server === undefined) await listen()
    },
    async [Symbol.asyncDispose]() {
      refuse()
      reset()
      pairs.clear()
    },
  }
}
