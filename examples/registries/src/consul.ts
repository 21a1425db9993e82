// A Consul of our own: one server, ready in about a tenth of a second.
import { loopback } from './loopback.ts'
import { get, type RegistryServer, startServer } from './server.ts'

export interface ConsulOptions {
  /** It keeps what it knows on disk, and finds it again after a restart. It then takes 1 to 2 s to start. Default: false. */
  readonly durable?: boolean
  /** More of its configuration, as in its files: `{ session_ttl_min: '1s' }`. Default: none. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Milliseconds that it has to start. Default 15,000. */
  readonly patience?: number
}

/** A Consul agent. */
export interface ConsulServer extends RegistryServer {
  /** Where it answers DNS, over UDP and TCP: `127.84.7.201:8600`. */
  readonly dns: string
}

/** What every agent of ours is told. */
export const usual = {
  disable_update_check: true,
  log_level: 'warn',
  // Its own is 200 a client, and all of ours have one address.
  limits: { http_max_conns_per_client: 2_500 },
}

/** Starts a server of one, on an address that nobody else uses. Rejects where there is none, or it does not start. */
export const consulServer = (options: ConsulOptions = {}): Promise<ConsulServer> => {
  const { durable = false, config = {}, patience } = options
  const alone = durable
    ? { server: true, bootstrap_expect: 1, performance: { raft_multiplier: 1 }, ports: { serf_wan: -1 } }
    : { ports: { serf_wan: -1, grpc: -1 } }
  return agent(loopback(), { durable, dev: !durable, config: { ...usual, ...alone, ...config }, patience })
}

/** What an agent is started with. */
export interface Agent {
  readonly durable: boolean
  readonly dev: boolean
  readonly config: Readonly<Record<string, unknown>>
  readonly patience: number | undefined
}

/** One agent. It is ready once there is a leader and the catalog knows the node. */
export async function agent(host: string, { durable, dev, config, patience }: Agent): Promise<ConsulServer> {
  const node = `node-${host.replaceAll('.', '-')}`
  const server = await startServer({
    registry: 'consul',
    host,
    port: 8500,
    args: (folder) => [
      'agent',
      ...(dev ? ['-dev'] : [`-data-dir=${folder}`]),
      `-node=${node}`,
      `-bind=${host}`,
      `-client=${host}`,
      // What is JSON is HCL as well: no file to write.
      `-hcl=${JSON.stringify(config)}`,
    ],
    ready: async (url) =>
      /:\d+/.test(await get(`${url}/v1/status/leader`)) && (await get(`${url}/v1/catalog/nodes`)).includes(`"${node}"`),
    // Lists go on over several lines, each with a tab.
    reason: (said) => {
      const [, flags] = /==> (?!Starting|Log data)(.*(?:\n\t.*)*)/.exec(said) ?? []
      const [, start = flags] = /\[ERROR\] (.*(?:\n\t.*)*)/.exec(said) ?? []
      return start?.replace(/\s+/g, ' ')
    },
    durable,
    patience,
  })
  return { ...server, dns: `${host}:8600` }
}
