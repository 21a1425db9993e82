// An etcd of our own: one member, ready in less than a tenth of a second. What it knows is on disk, so a restart finds it again.
import { loopback } from './loopback.ts'
import { get, type RegistryServer, startServer } from './server.ts'

export interface EtcdOptions {
  /** More of its arguments: `['--auto-compaction-retention', '1h']`. Default: none. */
  readonly args?: readonly string[]
  /** Milliseconds that it has to start. Default 15,000. */
  readonly patience?: number
}

/** Starts one, on an address that nobody else uses. Rejects where there is none, or it does not start. */
export function etcdServer({ args = [], patience }: EtcdOptions = {}): Promise<RegistryServer> {
  const host = loopback()
  const [clients, peers] = [`http://${host}:2379`, `http://${host}:2380`]
  return startServer({
    registry: 'etcd',
    host,
    port: 2379,
    args: (folder) => [
      ...['--name', 'one', '--data-dir', folder],
      ...['--listen-client-urls', clients, '--advertise-client-urls', clients],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `one=${peers}`],
      // It elects itself: nobody is waited for.
      ...['--heartbeat-interval', '10', '--election-timeout', '50'],
      ...['--logger', 'zap', '--log-outputs', 'stderr', ...args],
    ],
    // 3.4 runs well on arm64, and wants to be asked.
    env: process.arch === 'arm64' ? { ETCD_UNSUPPORTED_ARCH: 'arm64' } : {},
    ready: async (url) => (await get(`${url}/health`)).includes('"true"'),
    // Before it has a log it complains in plain words, and explains its arguments.
    reason: (said) => (said.startsWith('{') ? /.*"error":"([^"]*)"/s.exec(said)?.[1] : said.split('\n')[0]),
    durable: true,
    patience,
  })
}
