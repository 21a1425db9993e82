// etcd, as it is tried.
import { etcd } from '@tenon/discovery-etcd'
import { etcdServer } from '@tenon/example-registries'
import type { Backend } from './backend.ts'
import { ask } from './raw.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
/** Of etcd's gateway for JSON. */
export const post = (url: string, path: string, body: object): Promise<string> =>
  ask(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
const write = async (url: string, key: string, value: string, lease?: string): Promise<void> => {
  await post(url, 'kv/put', { key: base64(key), value: base64(value), ...(lease && { lease }) })
}
const keyOf = (service: string, id: string): string => `/services/${service}/${id}`

export const ofEtcd: Backend = {
  name: 'etcd',
  needs: 'etcd',
  keeps: true,
  start: () => etcdServer(),
  open: (url, { hasty = false } = {}) => etcd({ endpoints: url, ...(hasty && { timeout: 1_000, heartbeat: 500 }) }),
  put: (url, service, { id, host, port }) => write(url, keyOf(service, id), `${host}:${port}`),
  async lend(url, service, { id, host, port }) {
    const { ID } = JSON.parse(await post(url, 'lease/grant', { TTL: 3 }))
    await write(url, keyOf(service, id), `${host}:${port}`, ID)
  },
  async remove(url, service, id) {
    await post(url, 'kv/deleterange', { key: base64(keyOf(service, id)) })
  },
  async spoil(url, service) {
    const bad = ['', 'no address', '10.0.0.9:0', '{"address":', '{"weight":"much"}']
    for (const [n, value] of bad.entries()) await write(url, keyOf(service, `bad-${n}`), value)
    return bad.length
  },
  age: (url) => write(url, '/age', String(Math.random())),
}
