// Three Consul servers that elect a leader among them, and an agent in front of them if it is wanted.
import { setTimeout as sleep } from 'node:timers/promises'
import { Unable } from '@tenon/example-command'
import { agent, type ConsulServer, usual } from './consul.ts'
import { network } from './loopback.ts'
import { get } from './server.ts'

export interface ClusterOptions {
  /** A client agent as well, as it runs beside a service: `url` is then its. Default: false. */
  readonly client?: boolean
  /** How patiently a leader is waited for, 1 to 10. Default 1: a new one is there after some 3 s. Consul's own is 5. */
  readonly raftMultiplier?: number
  /** More of the configuration of each. Default: none. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Milliseconds that all have to start. Default 30,000. */
  readonly patience?: number
}

/** A cluster that runs. Disposing ends all of it. */
export interface ConsulCluster extends AsyncDisposable {
  /** The three. What they know is on disk, so `restart()` finds it again. */
  readonly servers: readonly [ConsulServer, ConsulServer, ConsulServer]
  readonly client: ConsulServer | undefined
  /** The client agent's, else the first server's. */
  readonly url: string
  /** The server that leads. Rejects where there is none within `patience`. */
  leader(): Promise<ConsulServer>
}

/** Starts one. Rejects where there is no Consul, or they do not find together. */
export async function consulCluster(options: ClusterOptions = {}): Promise<ConsulCluster> {
  const { client = false, raftMultiplier = 1, config = {}, patience = 30_000 } = options
  const net = network()
  const [one, two, three, four] = [1, 2, 3, 4].map((last) => `${net}.${last}`) as [string, string, string, string]
  const hosts = [one, two, three]
  const shared = {
    ...usual,
    retry_join: hosts,
    retry_interval: '200ms',
    performance: { raft_multiplier: raftMultiplier },
    ports: { serf_wan: -1 },
    ...config,
  }
  const serving = { ...shared, server: true, bootstrap_expect: 3 }
  const starts = hosts.map((host) => agent(host, { durable: true, dev: false, config: serving, patience }))
  if (client) starts.push(agent(four, { durable: true, dev: false, config: shared, patience }))
  const started = await Promise.allSettled(starts)
  const agents = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const end = async (): Promise<void> => {
    await Promise.all(agents.map((each) => each[Symbol.asyncDispose]()))
  }
  const failed = started.find((each) => each.status === 'rejected')
  if (failed !== undefined) {
    await end()
    throw failed.reason
  }
  const [first, second, third, front] = agents as [ConsulServer, ConsulServer, ConsulServer, ConsulServer?]
  const servers = [first, second, third] as const
  return {
    servers,
    client: front,
    url: (front ?? first).url,
    leader: () => leaderOf(servers, patience),
    [Symbol.asyncDispose]: end,
  }
}

/** Of the servers that answer, most must agree on one: who was killed is still named by those that have not noticed. */
async function leaderOf(servers: readonly ConsulServer[], patience: number): Promise<ConsulServer> {
  for (const late = performance.now() + patience; performance.now() < late; await sleep(20)) {
    const votes = await Promise.all(servers.map(({ url }) => get(`${url}/v1/status/leader`).catch(() => '')))
    const leader = servers.find(({ host }, at) => votes[at] !== '' && count(votes, `"${host}:8300"`) >= 2)
    if (leader !== undefined) return leader
  }
  throw new Unable(`the three servers have no leader after ${patience / 1_000} s`)
}

const count = (votes: readonly string[], vote: string): number => votes.filter((each) => each.trim() === vote).length
