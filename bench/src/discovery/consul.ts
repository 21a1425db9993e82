// Consul, for the suite: ours, and plain HTTP requests over one connection.
import { Agent, request } from 'node:http'
import { type ConsulRegistration, httpCheck, consul as registry, ttl } from '@tenon/discovery-consul'
import { consulServer, missing } from '@tenon/example-registries'
import { addressOf, type Raw, type Registry, type Staying } from './registry.ts'

interface Answer {
  readonly text: string
  readonly index: string
}

function requests(url: string, agent: Agent): (method: string, path: string, body?: object) => Promise<Answer> {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}/v1${path}`, { method, agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode !== 200) reject(new Error(`Consul answers ${response.statusCode}: ${text}`))
          else resolve({ text, index: String(response.headers['x-consul-index'] ?? '') })
        })
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
}

const idsIn = (text: string): string[] =>
  (JSON.parse(text) as { readonly Service: { readonly ID: string } }[]).map(({ Service }) => Service.ID)

function raw(url: string): Raw {
  const agent = new Agent({ keepAlive: true })
  const send = requests(url, agent)
  const read = (service: string): string => `/health/service/${service}?passing=1`
  let touched = 0
  return {
    list: async (service) => idsIn((await send('GET', read(service))).text),
    async register(service, id) {
      const { host, port } = addressOf(id)
      // An id is the agent's, not the service's.
      await send('PUT', '/agent/service/register', { Name: service, ID: id, Address: host, Port: port })
    },
    async deregister(_service, id) {
      await send('PUT', `/agent/service/deregister/${id}`)
    },
    watch(service, tell) {
      const own = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = requests(url, own)
      let ended = false
      const loop = async (): Promise<void> => {
        for (let index = '0'; !ended; ) {
          const answer = await ask('GET', `${read(service)}&index=${index}&wait=60s`)
          index = answer.index
          if (!ended) tell(idsIn(answer.text))
        }
      }
      // It ends with its connection.
      loop().catch(() => {})
      return () => {
        ended = true
        own.destroy()
      }
    },
    async touch() {
      await send('PUT', '/kv/touched', { touched: ++touched })
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

type Check = NonNullable<ConsulRegistration['check']>

const staying = (
  name: string,
  subject: string,
  [p50, longest]: readonly [number, number],
  checkOf: (healthUrl: string) => Check,
  end: Staying['end'] = 'killed',
): Staying => ({
  name,
  subject,
  end,
  expected: { p50, longest },
  register: (url, instance, healthUrl) =>
    registry({ url, onTelemetry: () => {} }).registrar({ ...instance, check: checkOf(healthUrl), attempts: 20 }),
})

/** Of a check every 10 s. */
const ten = 10_000

export const consul: Registry = {
  name: 'Consul',
  rawIs: 'node:http',
  crowd: 1_000,
  missing: () => missing('consul'),
  start: () => consulServer(),
  client: (url) => registry({ url, onTelemetry: () => {} }),
  raw,
  staying: [
    staying('ttl', 'killed; our heartbeats as they are, TTL 15 s', [12_500, 15_000], () => ttl()),
    staying('ttl-5', 'killed; a heartbeat every 5 s, TTL 15 s', [12_500, 15_000], () => ttl({ every: 5_000 })),
    staying('ttl-1', 'killed; a heartbeat every 1 s, TTL 3 s', [2_500, 3_000], () => ttl({ every: 1_000 })),
    staying('http-10', 'killed; asked over HTTP every 10 s', [5_000, ten], (url) =>
      httpCheck({ url, every: ten, timeout: 5_000 }),
    ),
    staying('http-1', 'killed; asked over HTTP every 1 s', [500, 1_000], (url) =>
      httpCheck({ url, every: 1_000, timeout: 500 }),
    ),
    staying(
      'hangs',
      'hangs; asked over HTTP every 10 s, 5 s to answer',
      [10_000, 15_000],
      (url) => httpCheck({ url, every: ten, timeout: 5_000 }),
      'stopped',
    ),
  ],
}
