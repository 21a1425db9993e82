// An app in a process of its own, for what only real signals and real exits can show. Its first argument says what it does.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { health, run, type Service } from '../src/index.ts'

const [what = 'plain'] = process.argv.slice(2)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const service = (name: string, more: Partial<Service> = {}): Service => ({
  name,
  start: () => say(`${name} started`),
  drain: () => say(`${name} drained`),
  ...more,
})
const hang = (): Promise<never> => new Promise(() => {})

/** A server that finishes the call it has in flight when it is told to drain. */
const slow: Service = {
  name: 'slow',
  async start() {
    const server = createServer((_, response) => {
      say('call began')
      // One that is kept alive would hold the server open after its answer.
      response.setHeader('connection', 'close')
      setTimeout(() => response.end('done\n'), 400)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.drain = () =>
      new Promise((resolve) => {
        server.close(() => {
          say('slow drained')
          resolve()
        })
      })
    say(`slow at http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  },
  drain() {},
}

const probes = health({ port: 0 })
const ready = service('ready', { start: () => say(`ready at ${probes.url}`) })

const scenes: Record<string, { services: Service[]; propagation?: number; inFlight?: number }> = {
  plain: { services: [service('a'), service('b'), ready] },
  served: { services: [probes, slow, ready], propagation: 300 },
  hangs: { services: [service('a'), service('b', { drain: hang }), ready], inFlight: 30_000 },
  cut: { services: [service('a'), service('b', { drain: hang }), ready], inFlight: 400 },
  broken: { services: [service('a'), service('b', { start: () => Promise.reject(new Error('no database')) }), ready] },
  throws: {
    services: [service('a'), service('b', { start: () => void setTimeout(() => JSON.parse('{secret'), 50) }), ready],
  },
  rejects: {
    services: [
      service('a'),
      service('b', { start: () => void setTimeout(() => Promise.reject(new Error('lost')), 50) }),
    ],
  },
}
const { services, propagation = 0, inFlight = 5_000 } = scenes[what] as (typeof scenes)[string]
const ended = await run({ name: 'fixture', services, drain: { propagation, inFlight } })
say(`ended: ${JSON.stringify(ended.why)}, ${ended.failures.length} failures`)
say(
  `listeners left: ${process.listenerCount('SIGINT') + process.listenerCount('SIGTERM') + process.listenerCount('uncaughtException')}`,
)
