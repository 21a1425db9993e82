import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ok } from '@tenon/endpoint'
import { type ConsulServer, consulServer, needs } from '@tenon/example-registries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, hear } from '../test/heard.ts'
import { type ConsulError, type ConsulTls, consul } from './index.ts'

describe.runIf(needs('consul'))('given a Consul that asks for certificates', () => {
  let server: ConsulServer
  let folder: string
  /** Consul makes its certificates itself. */
  const make = (into: string, ...args: readonly string[]): void => {
    const made = spawnSync('consul', ['tls', ...args], { cwd: join(folder, into), encoding: 'utf8' })
    expect(made.status, made.stdout + made.stderr).toBe(0)
  }
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'consul-tls-'))
    for (const authority of ['ours', 'others']) {
      mkdirSync(join(folder, authority))
      make(authority, 'ca', 'create')
    }
    make('ours', 'cert', 'create', '-server')
    make('ours', 'cert', 'create', '-client')
    const file = (name: string): string => join(folder, 'ours', name)
    server = await consulServer({
      config: {
        ports: { https: 8501, serf_wan: -1, grpc: -1 },
        ca_file: file('consul-agent-ca.pem'),
        cert_file: file('dc1-server-consul-0.pem'),
        key_file: file('dc1-server-consul-0-key.pem'),
        verify_incoming_https: true,
      },
    })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  const at = (tls: ConsulTls) => consul({ url: `https://${server.host}:8501`, tls })
  const unknown = (authority: string): ConsulTls => ({
    ca: read(`${authority}/consul-agent-ca.pem`),
    servername: 'server.dc1.consul',
  })
  const ours = (): ConsulTls => ({
    ...unknown('ours'),
    cert: read('ours/dc1-client-consul-0.pem'),
    key: read('ours/dc1-client-consul-0-key.pem'),
  })

  it('when we have ours and know its authority, then all of it works over TLS', async () => {
    const service = fresh('orders')
    await using registry = at(ours())
    using heard = hear(registry.instancer(service))
    const registrar = registry.registrar({ service, id: 'one', url: 'https://10.0.0.7:8443' })
    await registrar.start()
    await heard.ids('one')
    expect(await registry.kv('text').put('a')).toEqual(ok())
    expect(await registry.lock(fresh('lock')).hold(() => 7)).toEqual(ok(7))
  })

  it.each([
    ['we have none', () => unknown('ours'), /certificate|reset|hang up|alert/i],
    ['we do not know its authority', () => ({ ...ours(), ...unknown('others') }), /certificate/i],
    ['it is not whom we ask for', () => ({ ...ours(), servername: 'server.dc2.consul' }), /altnames/i],
  ] as const)('when %s, then that is told', async (_, tls, words) => {
    await using registry = at(tls())
    using heard = hear(registry.instancer('orders'))
    const { error } = await heard.until((state) => state.error !== undefined)
    expect(error).toMatchObject({ trouble: 'unreachable' })
    expect((error as ConsulError).message).toMatch(words)
    expect(await registry.kv('text').get()).toMatchObject({ left: { trouble: 'unreachable' } })
  })

  it('when https is asked for where http is spoken, then that is told', async () => {
    await using registry = consul({ url: server.url.replace('http:', 'https:') })
    using heard = hear(registry.instancer('orders'))
    const { error } = await heard.until((state) => state.error !== undefined)
    expect((error as ConsulError).message).toContain('Is it https and http that are mixed up?')
  })
})
