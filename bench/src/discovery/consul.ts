// Consul, for the suite: ours, and plain HTTP requests over one connection.
import { Agent, request } from 'node:http'
import { consul as registry } from '@tenon/discovery-consul'
import { consulServer, missing } from '@tenon/example-registries'
import { addressOf, type Raw, type Registry } from './registry.ts'

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

export const consul: Registry = {
  name: 'Consul',
  rawIs: 'node:http',
  missing: () => missing('consul'),
  start: () => consulServer(),
  client: (url) => registry({ url, onTelemetry: () => {} }),
  raw,
}
