import { instance } from '@tenon/discovery'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, instanceKey, instancesOf, serviceKey, written } from './layout.ts'

const read = (value: string, key = '/services/orders/k1') =>
  instancesOf(decode, '/services/orders/', key, Buffer.from(value))

describe('values', () => {
  it('given any instance, when written and read, then it is the same', () => {
    const text = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(
        fc.record({
          id: text,
          version: text,
          zone: text,
          healthPath: text,
          weight: fc.double({ min: 0, max: 1e6, noNaN: true }),
        }),
        fc.array(fc.string()),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.string(),
        ),
        (fields, tags, metadata) => {
          const one = instance({ ...fields, address: '10.0.0.7:80', tags, metadata })
          expect(read(written(one), instanceKey('/services', 'orders', one.id))).toEqual([one])
        },
      ),
    )
  })

  it.each([
    ['an address', '10.0.0.7:8080', { id: 'k1', address: '10.0.0.7:8080', url: 'http://10.0.0.7:8080' }],
    ['an IPv6 address', ' [::1]:8080\n', { id: 'k1', address: '[::1]:8080' }],
    ['a URL', 'https://a.example/api', { id: 'k1', address: 'a.example:443', url: 'https://a.example/api' }],
    [
      'what Kratos writes',
      '{"id":"r1","name":"orders","version":"v1","metadata":{"zone":"a"},"endpoints":["grpc://10.0.0.7:9000","http://10.0.0.7:8000"]}',
      { id: 'r1', name: 'orders', version: 'v1', zone: 'a', url: 'http://10.0.0.7:8000', address: '10.0.0.7:8000' },
    ],
    [
      'what Kratos writes of a service of gRPC alone',
      '{"id":"r1","name":"orders","version":"","metadata":null,"endpoints":["grpc://10.0.0.7:9000"]}',
      { id: 'r1', version: undefined, url: 'grpc://10.0.0.7:9000', address: '10.0.0.7:9000' },
    ],
    [
      'what go-micro writes',
      '{"name":"orders","version":"1.2","metadata":{"zone":"a"},"endpoints":[{"name":"Orders.Place"}],"nodes":[{"id":"orders-1","address":"10.0.0.7:80","metadata":{"protocol":"grpc"}}]}',
      { id: 'orders-1', name: 'orders', version: '1.2', zone: 'a', address: '10.0.0.7:80' },
    ],
  ])('given %s, then it is an instance', (_, value, expected) => {
    expect(read(value)).toMatchObject([expected])
  })

  it('given several nodes of go-micro, then each is an instance', () => {
    expect(read('{"nodes":[{"id":"a","address":"10.0.0.7:80"},{"id":"b","address":"10.0.0.8:80"}]}')).toHaveLength(2)
  })

  it.each([
    ['nothing', ''],
    ['a word', 'nonsense'],
    ['JSON that ends early', '{"address":'],
    ['no address', '{"id":"a"}'],
    ['port 0', '10.0.0.7:0'],
    ['a weight that is none', '{"address":"10.0.0.7:80","weight":-1}'],
    ['a node that is none', '{"nodes":[null]}'],
    ['an array', '[1]'],
  ])('given %s, then it is refused with its key', (_, value) => {
    expect(() => read(value)).toThrow('etcd: the value of /services/orders/k1 is no instance: ')
  })
})

describe('keys', () => {
  it('given any service and id, then the key of one instance is under no other service', () => {
    const name = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(name, name, name, (service, other, id) => {
        const key = instanceKey('/services', service, id)
        expect(key.startsWith(serviceKey('/services', service))).toBe(true)
        expect(key.startsWith(serviceKey('/services', other))).toBe(service === other)
      }),
    )
  })

  it('given an id with a slash, then it is read as it was written', () => {
    const key = instanceKey('/services', 'orders', 'a/b%c')
    expect(key).toBe('/services/orders/a%2Fb%25c')
    expect(read('10.0.0.7:80', key)).toMatchObject([{ id: 'a/b%c' }])
  })
})
