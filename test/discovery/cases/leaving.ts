// The client leaves while a request of its own is pending.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FaultProxy, faultProxy } from '@tenon/example-registries'
import { type Fault, pass } from '../harness/fault.ts'
import { type Stage, stage } from '../harness/stage.ts'
import { watched } from '../harness/watched.ts'

const program = fileURLToPath(new URL('../harness/leaving.ts', import.meta.url))

/** Milliseconds in which a process has to be gone. */
const patience = 10_000

export const leaving: readonly Fault[] = [
  {
    name: 'a watch closed while its request is pending',
    until: 'closing is over, all of them',
    async run(backend, scale) {
      await using on = await stage(backend, { services: 1 }, { protectEmpty: 10_000 })
      const taken: number[] = []
      const wrong: string[] = []
      for (const way of ways(on)) {
        await using network = await faultProxy(on.server.url)
        const own = backend.open(network.url)
        const watches = Array.from({ length: scale.services }, () => watched(own.instancer('shop-0'), on.world))
        await Promise.all(watches.map(({ until }) => until(({ instances }) => instances !== undefined)))
        // Whoever sees a change has a request pending, and not one that is about to begin.
        await on.fresh(way.id, 0)
        await Promise.all(
          watches.map(({ until }) =>
            until(({ instances }) => instances?.some(({ id }) => id.endsWith(way.id)) ?? false),
          ),
        )
        await way.begin(network)
        const start = performance.now()
        for (const each of watches) await each[Symbol.asyncDispose]()
        await own[Symbol.asyncDispose]()
        taken.push(performance.now() - start)
        for (let tries = 0; network.open > 0 && tries < 500; tries++) await pass(10)
        if (network.open > 0) wrong.push(`${network.open} connections are left, ${way.name}`)
        await way.end(network)
      }
      return { felt: await on.felt(), had: '3 instances', fresh: taken, wrong }
    },
  },
  {
    name: 'a process that closes its watches and ends',
    until: 'it is gone',
    async run(backend) {
      await using on = await stage(backend, { services: 1 }, { protectEmpty: 10_000 })
      const taken: number[] = []
      const wrong: string[] = []
      for (const way of ways(on)) {
        await using network = await faultProxy(on.server.url)
        const child = spawn(process.execPath, [program, backend.name, network.url], {
          stdio: ['pipe', 'pipe', 'inherit'],
        })
        const ended = once(child, 'exit')
        // One that cannot begin ends at once, and says nothing.
        await Promise.race([once(child.stdout, 'data'), ended])
        await way.begin(network)
        const start = performance.now()
        child.stdin.end()
        const late = setTimeout(() => child.kill('SIGKILL'), patience)
        const [code] = await ended
        clearTimeout(late)
        taken.push(performance.now() - start)
        await way.end(network)
        if (code !== 0) wrong.push(`it does not end by itself: ${way.name}`)
      }
      return { felt: await on.felt(), had: '3 instances', fresh: taken, wrong }
    },
  },
]

interface Way {
  readonly id: string
  readonly name: string
  begin(network: FaultProxy): Promise<void>
  end(network: FaultProxy): Promise<void>
}

/** What happens while somebody leaves. */
const ways = ({ server, putAll }: Stage): readonly Way[] => [
  { id: 'well', name: 'while all is well', begin: async () => {}, end: async () => {} },
  { id: 'stopped', name: 'while the registry is stopped', begin: () => server.stop(), end: async () => server.cont() },
  {
    id: 'cut',
    name: 'in a partition',
    begin: async (network) => network.partition(),
    end: (network) => network.heal(),
  },
  {
    id: 'gone',
    name: 'while the registry is gone',
    begin: () => server.kill().then(() => pass(200)),
    async end() {
      await server.restart()
      await putAll()
    },
  },
]
