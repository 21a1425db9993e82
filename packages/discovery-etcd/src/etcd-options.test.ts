import { describe, expect, it } from 'vitest'
import { etcd } from './index.ts'

describe('options of etcd', () => {
  it.each<[string, unknown, string]>([
    ['one that there is not', { endpoint: 'x' }, 'there is no option "endpoint"'],
    ['no endpoint', { endpoints: [] }, '"endpoints" names at least one'],
    ['an endpoint that is none', { endpoints: ['http://a:2379', 'ftp://b:1'] }, '"endpoints[1]" is an address'],
    ['an endpoint with a path', { endpoints: 'http://a:2379/v3' }, '"endpoints[0]" is an address'],
    ['an endpoint with a user', { endpoints: 'http://me:secret@a:2379' }, 'and not "http://***@a:2379"'],
    ['port 0', { endpoints: 'a:0' }, '"endpoints[0]" is an address'],
    ['a number', { endpoints: [2379] }, '"endpoints[0]" is an address'],
    ['two schemes', { endpoints: ['http://a:1', 'https://b:1'] }, '"endpoints" are all http or all https'],
    ['no prefix', { prefix: '/' }, '"prefix" is what keys begin with'],
    ['a prefix of locks that is none', { lockPrefix: 7 }, '"lockPrefix" is what keys begin with'],
    ['no password', { auth: { user: 'me' } }, '"auth.password" is a text'],
    ['something else in auth', { auth: { user: 'me', password: 'x', name: 'x' } }, 'there is no option "name"'],
    ['TLS without https', { tls: {} }, '"endpoints" are http: say https'],
    [
      'a file name for a certificate',
      { endpoints: 'https://a:1', tls: { ca: '/etc/ca.pem' } },
      '"tls.ca" is the text of a PEM file',
    ],
    [
      'a certificate without its key',
      { endpoints: 'https://a:1', tls: { cert: '-----BEGIN CERTIFICATE-----' } },
      'given together or not at all',
    ],
    [
      'a certificate that is none',
      { endpoints: 'https://a:1', tls: { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' } },
      '"tls": ',
    ],
    ['a timeout of 0', { timeout: 0 }, '"timeout" must be a number of at least 1'],
    ['a heartbeat that is none', { heartbeat: '2s' }, '"heartbeat" must be a number'],
    ['a backoff that is none', { backoff: 100 }, '"backoff" is a backoff'],
  ])('given %s, then it is refused by its name', (_, options, message) => {
    expect(() => etcd(options as never)).toThrow(message)
    expect(() => etcd(options as never)).toThrow(/^etcd/)
  })

  it.each<[string, (registry: ReturnType<typeof etcd>) => unknown, string]>([
    ['no service', (registry) => registry.instancer(''), '"service" must be a name'],
    [
      'an option that there is not',
      (registry) => registry.instancer('orders', { tag: 'x' } as never),
      'there is no option "tag"',
    ],
    [
      'a decode that is none',
      (registry) => registry.instancer('orders', { decode: 'json' as never }),
      '"decode" must be a function',
    ],
  ])('given an instancer with %s, then it is refused', async (_, make, message) => {
    await using registry = etcd()
    expect(() => make(registry)).toThrow(message)
  })

  it('ET-1: given an endpoint where nobody listens, when made, then nothing is asked and nothing fails', async () => {
    await using _ = etcd({ endpoints: 'http://127.0.0.1:1' })
  })
})
