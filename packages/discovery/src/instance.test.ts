// Instances: every way of writing one, and sets that are the same wherever they are read.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeSet, instance, sameSet } from './instance.ts'

describe('an instance', () => {
  it.each([
    ['10.0.0.7:8080', '10.0.0.7:8080', 'http://10.0.0.7:8080'],
    ['[::1]:8080', '[::1]:8080', 'http://[::1]:8080'],
    ['http://10.0.0.7:8080', '10.0.0.7:8080', 'http://10.0.0.7:8080'],
    ['https://orders.example', 'orders.example:443', 'https://orders.example'],
    ['http://u:secret@a.example/base', 'a.example:80', 'http://u:secret@a.example/base'],
    ['memory://orders-1', 'orders-1', 'memory://orders-1'],
  ])('given %s, when it is read, then address and url are known', (text, address, url) => {
    expect(instance(text)).toEqual({ id: address, address, url, tags: [], metadata: {}, weight: 1 })
  })

  it('given all fields, when it is read, then they are kept, frozen and not shared', () => {
    const tags = ['v2']
    const metadata = { zone: 'a' }
    const read = instance({ id: 'o-1', address: 'h:1', url: 'http://h:1/x', tags, metadata, weight: 3 })
    tags.push('v3')
    metadata.zone = 'b'
    expect(read).toEqual({
      id: 'o-1',
      address: 'h:1',
      url: 'http://h:1/x',
      tags: ['v2'],
      metadata: { zone: 'a' },
      weight: 3,
      zone: 'a',
    })
    expect(() => (read.tags as string[]).push('x')).toThrow(TypeError)
  })

  it.each([
    ['metadata', { metadata: { version: '1.2.0', name: 'orders', 'health.path': '/status', zone: 'a', weight: '3' } }],
    [
      'a list in the version',
      { metadata: { version: 'v=1.2.0;zone=a;weight=3', name: 'orders', healthPath: 'status' } },
    ],
    ['labels in tags', { tags: ['v2', 'version=1.2.0', 'zone=a; Name=orders', 'weight=3;health.path=/status'] }],
    ['routing labels', { metadata: { labels: 'v=1.2.0;name=orders;zone=a;weight=3;health-path=/status' } }],
    ['fields', { version: '1.2.0', zone: 'a', name: 'orders', weight: 3, healthPath: 'status' }],
    [
      'fields first',
      {
        version: '1.2.0',
        zone: 'a',
        name: 'orders',
        weight: 3,
        healthPath: '/status',
        metadata: { version: '9', zone: 'z', name: 'x', weight: '9', 'health.path': '/x' },
      },
    ],
  ])('given %s, when it is read, then the same fields are known, and reading it again changes nothing', (_, fields) => {
    const read = instance({ address: 'h:1', ...fields })
    expect(read).toMatchObject({ name: 'orders', version: '1.2.0', zone: 'a', healthPath: '/status', weight: 3 })
    const { name, version, zone, healthPath, weight, ...said } = read
    expect(sameSet([instance({ ...read })], [read])).toBe(true)
    if (!('version' in fields)) expect(instance({ ...said })).toEqual(read)
  })

  it('given labels of its own, when it is read, then they are metadata, the tags stay, and the region is the zone', () => {
    const tags = ['region=eu;env=prod', 'v2', 'urlprefix-/a b=c', '__proto__=x']
    const read = instance({ address: 'h:1', tags, metadata: { version: 'v=1.2.0;env=test', team: 'a=b' } })
    expect(read.tags).toEqual(tags)
    expect(Object.entries(read.metadata).sort()).toEqual([
      ['__proto__', 'x'],
      ['env', 'test'],
      ['region', 'eu'],
      ['team', 'a=b'],
      ['version', '1.2.0'],
    ])
    expect(read.zone).toBe('eu')
    expect(Object.getPrototypeOf(read.metadata)).toBe(Object.prototype)
  })

  it('given a weight in metadata that is none, when it is read, then it is metadata and the weight is 1', () => {
    for (const weight of ['10 kg', '-1', '', 'NaN', 'Infinity'])
      expect(instance({ address: 'h:1', metadata: { weight } })).toMatchObject({ weight: 1, metadata: { weight } })
  })

  it.each([
    [{}, 'an instance needs an address or a url'],
    ['10.0.0.7', 'the instance\'s address is host:port (IPv6: [host]:port), and not "10.0.0.7"'],
    ['10.0.0.7:0', 'the instance\'s port is from 1 to 65535, and not 0 ("10.0.0.7:0")'],
    ['10.0.0.7:65536', 'the instance\'s port is from 1 to 65535, and not 65536 ("10.0.0.7:65536")'],
    ['fe80::1:80', 'the instance\'s address is host:port (IPv6: [host]:port), and not "fe80::1:80"'],
    [{ url: 'nonsense' }, 'the instance\'s url is none: "nonsense"'],
    [{ address: 'h:1', weight: -1 }, "the instance's weight is a number of at least 0, and not -1 (h:1)"],
    [{ address: 'h:1', id: '' }, 'the instance\'s id is a text, and not ""'],
    [{ address: 'h:1', zone: 3 }, "the instance's zone is a text, and not 3 (h:1)"],
    [null, 'an instance is an address, and not null'],
  ])('given %j, when it is read, then a TypeError says what is wrong', (fields, message) => {
    expect(() => instance(fields as never)).toThrow(new TypeError(message))
  })
})

describe('a complete set', () => {
  const entries = fc.array(
    fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), address: fc.constantFrom('h:1', 'h:2'), weight: fc.nat(2) }),
  )
  it('given any list in any order, when it is read, then it is sorted by id and each id is there once', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const ids = completeSet(list, () => expect.unreachable()).map((one) => one.id)
        expect(ids).toEqual([...new Set(list.map((one) => one.id))].sort())
      }),
    )
  })

  it('given the same entries in another order, when both are read, then they stand at the same places', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, by) => {
        const turned = [...list.slice(by % (list.length + 1)), ...list.slice(0, by % (list.length + 1))]
        const places = (of: typeof list) =>
          completeSet(of, () => expect.unreachable()).map((one) => [one.id, one.address])
        expect(places(turned)).toEqual(places(list))
      }),
    )
  })

  it('given one malformed entry among good ones, when it is read, then only that one is left out, and it is said', () => {
    const refused: unknown[] = []
    const set = completeSet(['b:1', 'nonsense', 'a:1'], (error) => refused.push(error))
    expect(set.map((one) => one.id)).toEqual(['a:1', 'b:1'])
    expect(refused).toEqual([expect.any(TypeError)])
  })

  it('given a change of any one field, when two sets are compared, then they differ', () => {
    const of = (more: object) =>
      completeSet([{ id: 'a', address: 'h:1', tags: ['x'], metadata: { k: 'v' }, ...more }], () => {})
    expect(sameSet(of({}), of({}))).toBe(true)
    for (const more of [
      { id: 'b' },
      { address: 'h:2' },
      { url: 'http://x' },
      { tags: [] },
      { tags: ['y'] },
      { weight: 2 },
      { name: 'x' },
      { version: '2' },
      { zone: 'b' },
      { healthPath: '/x' },
      { metadata: {} },
      { metadata: { k: 'w' } },
      { metadata: { l: 'v' } },
    ])
      expect(sameSet(of({}), of(more))).toBe(false)
  })
})
