// Consul, as it is tried.
import { consul } from '@tenon/discovery-consul'
import { consulServer } from '@tenon/example-registries'
import type { Backend } from './backend.ts'
import { ask } from './raw.ts'

const put = (url: string, body?: object): Promise<string> =>
  ask(url, { method: 'PUT', ...(body && { body: JSON.stringify(body) }) })

export const ofConsul: Backend = {
  name: 'Consul',
  needs: 'consul',
  keeps: false,
  start: ({ durable = false } = {}) => consulServer({ durable }),
  open: (url, { hasty = false } = {}) => consul({ url, ...(hasty && { timeout: 1_000, heartbeat: 500 }) }),
  async put(url, service, { id, host, port }) {
    await put(`${url}/v1/agent/service/register`, { ID: id, Name: service, Address: host, Port: port })
  },
  async lend(url, service, { id, host, port }) {
    const Check = { TTL: '3s', Status: 'passing' }
    await put(`${url}/v1/agent/service/register`, { ID: id, Name: service, Address: host, Port: port, Check })
  },
  async remove(url, _service, id) {
    await put(`${url}/v1/agent/service/deregister/${id}`)
  },
  async spoil(url, service) {
    const bad = [{ Port: 0 }, { Address: 'no host', Port: 80 }, { Address: '10.0.0.9:80', Port: 80 }]
    for (const [n, fields] of bad.entries())
      await put(`${url}/v1/agent/service/register`, { ID: `${service}-bad-${n}`, Name: service, ...fields })
    return bad.length
  },
  async age(url) {
    await put(`${url}/v1/kv/age`, { at: Math.random() })
  },
}
