import { describe, expect, it } from 'vitest'
import { consul } from './index.ts'

const bad: readonly (readonly [object, string])[] = [
  [{ urls: '' }, 'consul: there is no option "urls"; there are url, token, '],
  [{ url: 'ftp://127.0.0.1' }, '"url" is that of an agent, as http://127.0.0.1:8500, and not "ftp://127.0.0.1"'],
  [{ url: 'http://' }, '"url" is that of an agent'],
  [{ url: 8500 }, '"url" is that of an agent'],
  [{ url: 'http://:secret@127.0.0.1:8500' }, 'the token is "token"'],
  [{ url: 'http://127.0.0.1:8500?token=a' }, 'the token is "token"'],
  [{ token: 7 }, '"token" is a text, or a function that answers one'],
  [{ datacenter: '' }, '"datacenter" is a name, and not an empty text'],
  [{ namespace: 1 }, '"namespace" is a name, and not 1'],
  [{ reads: 'eventual' }, '"reads" must be one of "default", "consistent", "stale", but was "eventual"'],
  [{ timeout: 0 }, '"timeout" must be a number of at least 1'],
  [{ timeout: '10s' }, '"timeout" must be a number'],
  [{ connectTimeout: -1 }, '"connectTimeout" must be a number of at least 1'],
  [{ wait: 10 }, '"wait" must be a number of at least 1000'],
  [{ wait: 700_000 }, '"wait" must be a number of at least 1000 and of at most 600000'],
  [{ backoff: {} }, '"backoff.next" must be a function'],
  [{ tls: {} }, '"tls" is for an https url, and not for http://127.0.0.1:8500'],
  [{ url: 'https://a', tls: { cafile: '' } }, 'consul: tls: there is no option "cafile"; there are ca, cert, '],
  [
    { url: 'https://a', tls: { ca: 'nonsense', cert: 'nonsense', key: 'nonsense' } },
    'certificates and key cannot be read',
  ],
  [{ url: 'https://a', tls: { cert: 'a' } }, '"cert" and "key" belong together'],
  [{ url: 'https://a', tls: { servername: '10.0.0.1' } }, '"servername" is a name, and no address'],
  [{ url: 'https://a', tls: { rejectUnauthorized: 'no' } }, '"rejectUnauthorized" is true or false, and not no'],
]

describe('given a bad option of consul', () => {
  it.each(bad)('when it is %o, then it is named', (options, words) => {
    expect(() => consul(options)).toThrow(words)
  })
})

const badInstancers: readonly (readonly [unknown, object, string])[] = [
  ['', {}, 'instancer: "service" is a name, and not an empty text'],
  [undefined, {}, 'instancer: "service" is a name'],
  ['orders', { tag: 'v2' }, 'instancer of orders: there is no option "tag"; there are passing, tags, filter, '],
  ['orders', { passing: 'yes' }, 'instancer of orders: "passing" is true or false, and not yes'],
  ['orders', { tags: 'v2' }, 'instancer of orders: "tags" is a list of texts'],
  ['orders', { tags: ['v2', ''] }, 'instancer of orders: "tags[1]" is a name, and not an empty text'],
  ['orders', { filter: '' }, 'instancer of orders: "filter" is a name, and not an empty text'],
  ['orders', { datacenter: 1 }, 'instancer of orders: "datacenter" is a name, and not 1'],
  ['orders', { reads: 'eventual' }, 'instancer of orders: "reads" must be one of'],
  ['orders', { coalesce: -1 }, 'instancer of orders: "coalesce" must be'],
]

describe('given a bad option of an instancer', () => {
  it.each(badInstancers)('when it is %o with %o, then it is named', (service, options, words) => {
    expect(() => consul().instancer(service as string, options)).toThrow(words)
  })
})

it.each([
  ['10.0.0.7:8500', 'http://10.0.0.7:8500'],
  ['http://consul.example/v1/', 'http://consul.example'],
  ['https://[::1]:8501', 'https://[::1]:8501'],
])('given the url %s, when it is read, then the agent is at %s', (url, origin) => {
  expect(consul({ url }).url).toBe(origin)
})
