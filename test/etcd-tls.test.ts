// TLS towards an etcd, with certificates on both sides.
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshPrefix, isThere, quiet, sharedEtcd } from '../packages/discovery-etcd/test/etcd-server.ts'
import { watched } from '../packages/discovery-etcd/test/watched.ts'
import { authority } from '../packages/transport-http/test/certificates.ts'

describe.runIf(isThere)('an etcd with TLS', () => {
  const server = sharedEtcd()
  const ca = authority()
  const ours = ca.issue('me')
  let terminating: Server | undefined
  let port = 0

  beforeAll(async () => {
    if (!isThere) return
    const { cert, key } = ca.issue('etcd', ['localhost'])
    // etcd's own TLS cannot be turned on where the starter asks it in plain words: this stands before it, as a load balancer does.
    terminating = createServer(
      { cert, key, ca: ca.cert, requestCert: true, ALPNProtocols: ['h2'] },
      (near: TLSSocket) => {
        const { hostname, port: at } = new URL(server.url)
        const far = connect(Number(at), hostname)
        near.pipe(far).pipe(near)
        near.on('error', () => far.destroy())
        far.on('error', () => near.destroy())
      },
    ).listen(0, 'localhost')
    terminating.on('tlsClientError', () => {})
    await once(terminating, 'listening')
    port = (terminating.address() as AddressInfo).port
  })
  afterAll(() => void terminating?.close())

  it('given the authority and a certificate of its own, then it is watched', async () => {
    const prefix = freshPrefix()
    await server.raw.put(`${prefix}/orders/a`).value('10.0.0.1:80')
    const tls = { ca: ca.cert, cert: ours.cert, key: Buffer.from(ours.key) }
    await using registry = quiet({ endpoints: `https://localhost:${port}`, tls, prefix })
    using orders = watched(registry.instancer('orders'))
    await orders.becomes(['10.0.0.1:80'])
  })

  it('given another authority, no certificate, or no TLS, then it is an error and nothing is told', async () => {
    const secure = { endpoints: `https://localhost:${port}` }
    for (const [options, why] of [
      [
        { ...secure, tls: { ca: authority('Other').cert, cert: ours.cert, key: ours.key } },
        /self-signed certificate in/,
      ],
      [{ ...secure, tls: { ca: ca.cert } }, /alert certificate required$/],
      [secure, /self-signed certificate in/],
      [{ ...secure, endpoints: `http://localhost:${port}` }, /is it https and http that are mixed up/],
    ] as const) {
      await using registry = quiet(options)
      using orders = watched(registry.instancer('orders'))
      const said = (): string => (orders.last.error as Error | undefined)?.message ?? ''
      await expect.poll(said, { timeout: 10_000 }).toMatch(why)
      expect(said()).toMatch(/^etcd at localhost:\d+: no connection: /)
      expect(orders.last.instances).toBeUndefined()
    }
  })
})
