import type { KvKey, KvState } from '@tenon/discovery'
import { ok, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { type ConsulServer, consulServer, needs } from '@tenon/example-registries'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, hang, patience, tell } from '../test/heard.ts'
import { pretender } from '../test/pretender.ts'
import { consul } from './index.ts'

const Limits = t.strict({ rate: t.number, burst: t.number })

function follow<A>(key: KvKey<A>) {
  const states: KvState<A>[] = []
  const subscription = key.watch((state) => states.push(state))
  return {
    states,
    value: () => states.at(-1)?.entry?.value,
    last: () => states.at(-1),
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

const soon = { timeout: patience }

describe.runIf(needs('consul'))('given a Consul', () => {
  let server: ConsulServer
  beforeAll(async () => {
    server = await consulServer()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it('when a value is written, read, changed and taken out, then it is what it was written as', async () => {
    await using registry = consul({ url: server.url })
    const limits = registry.kv(fresh('config/limits'), Limits)
    expect(await limits.get()).toEqual(ok(undefined))
    expect(await limits.put({ rate: 1.5, burst: 3 })).toEqual(ok())
    const found = await limits.get()
    expect(found).toMatchObject({ right: { value: { rate: 1.5, burst: 3 } } })
    const raw = await fetch(`${server.url}/v1/kv/${limits.key}?raw`)
    expect(await raw.text()).toBe('{"rate":1.5,"burst":3}')
    expect(await limits.delete()).toEqual(ok())
    expect(await limits.delete()).toEqual(ok())
    expect(await limits.get()).toEqual(ok(undefined))
  })

  it('when keys and texts are of all kinds, then each comes back as it was', async () => {
    await using registry = consul({ url: server.url })
    const prefix = fresh('any')
    const characters = [...'aZ09 .%?#&+=~"\':;@\\|<>[]{}^`$!*(),_-éß漢字😀']
    const part = fc
      .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...characters) })
      .filter((text) => !/^\.{1,2}$/.test(text))
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.string({ unit: 'grapheme' }),
        async (parts, text) => {
          const one = registry.kv([prefix, ...parts].join('/'))
          expect(await one.put(text)).toEqual(ok())
          expect(await one.get()).toMatchObject({ right: { value: text } })
          using followed = follow(one)
          await expect.poll(() => followed.last()?.known, soon).toBe(true)
          expect(followed.value()).toBe(text)
          expect(await one.delete()).toEqual(ok())
        },
      ),
      { numRuns: 30 },
    )
  })

  it('when it is changed as it was read, then only if nobody else was there before; an update does it again', async () => {
    await using registry = consul({ url: server.url })
    const limits = registry.kv(fresh('config/limits'), Limits)
    expect(await limits.cas({ rate: 1, burst: 1 }, 0)).toEqual(ok())
    expect(await limits.cas({ rate: 2, burst: 1 }, 0)).toMatchObject({
      left: { _tag: 'KvConflict', code: 'aborted', key: limits.key },
    })
    const { right: before } = (await limits.get()) as { right: { index: number } }
    expect(await limits.cas({ rate: 2, burst: 1 }, before.index)).toEqual(ok())
    expect(await limits.delete({ index: before.index })).toMatchObject({ left: { _tag: 'KvConflict' } })
    let asked = 0
    const answer = await limits.update(async (value) => {
      // Somebody else is quicker, once.
      if (asked++ === 0) await tell(server.url, `/kv/${limits.key}`, { rate: 10, burst: 1 })
      return { rate: (value?.rate ?? 0) + 1, burst: 5 }
    })
    expect(answer).toEqual(ok({ rate: 11, burst: 5 }))
    expect(asked).toBe(2)
    expect(await limits.get()).toMatchObject({ right: { value: { rate: 11, burst: 5 } } })
  })

  it('when many update at once, then no change is lost', async () => {
    await using registry = consul({ url: server.url })
    const count = registry.kv(fresh('count'), t.number)
    const add = async (): Promise<void> => {
      while ((await count.update((value = 0) => value + 1))._tag === 'Left');
    }
    await Promise.all(Array.from({ length: 12 }, add))
    expect(await count.get()).toMatchObject({ right: { value: 12 } })
  })

  it('when it is watched, then all see each change; what is not valid takes no effect and is told', async () => {
    const seen: Telemetry[] = []
    await using registry = consul({ url: server.url, onTelemetry: (event) => seen.push(event) })
    const limits = registry.kv(fresh('config/limits'), Limits)
    using one = follow(limits)
    expect(one.states).toEqual([{ known: false, entry: undefined, error: undefined }])
    await expect.poll(() => one.last(), soon).toEqual({ known: true, entry: undefined, error: undefined })
    await limits.put({ rate: 1, burst: 1 })
    await expect.poll(one.value, soon).toEqual({ rate: 1, burst: 1 })
    using two = follow(limits)
    expect(two.states).toHaveLength(1)
    expect(two.value()).toEqual({ rate: 1, burst: 1 })

    await tell(server.url, `/kv/${limits.key}`, '{"rate": "fast", "burst": 1}')
    await expect.poll(() => two.last()?.error, soon).toBeDefined()
    expect(two.last()).toMatchObject({
      known: true,
      entry: { value: { rate: 1, burst: 1 } },
      error: {
        _tag: 'KvInvalid',
        code: 'failed_precondition',
        key: limits.key,
        message: `the value of ${limits.key} is not valid: rate: expected number, got string`,
      },
    })
    expect(await limits.get()).toMatchObject({ left: { _tag: 'KvInvalid' } })
    await tell(server.url, `/kv/${limits.key}`, 'no JSON')
    await expect.poll(() => two.last()?.error?.message, soon).toContain('expected JSON, got another text')
    await limits.put({ rate: 2, burst: 2 })
    await expect.poll(one.value, soon).toEqual({ rate: 2, burst: 2 })
    expect(one.last()?.error).toBeUndefined()
    await limits.delete()
    await expect.poll(() => one.last(), soon).toEqual({ known: true, entry: undefined, error: undefined })
    expect(seen.filter(({ kind }) => kind === 'discovery.error')).toHaveLength(2)
  })

  it('when what is written could not be read again, then it is not written', async () => {
    await using registry = consul({ url: server.url })
    const limits = registry.kv(fresh('config/limits'), Limits)
    expect(await limits.put({ rate: 1, burst: '1' } as never)).toMatchObject({
      left: { _tag: 'KvInvalid', message: expect.stringContaining('burst: expected number, got string') },
    })
    expect(await limits.put({ rate: Number.NaN, burst: 1 })).toMatchObject({ left: { _tag: 'KvInvalid' } })
    expect(await registry.kv('text').put(7 as never)).toMatchObject({ left: { _tag: 'KvInvalid' } })
    expect(await limits.get()).toEqual(ok(undefined))
  })

  it('when values have keys that the codec does not know, then they are refused, or stripped if that is asked for', async () => {
    await using registry = consul({ url: server.url })
    const key = fresh('config/limits')
    await tell(server.url, `/kv/${key}`, { rate: 1, burst: 1, later: true })
    expect(await registry.kv(key, Limits).get()).toMatchObject({ left: { issues: [{ path: 'later' }] } })
    const lenient = registry.kv(key, Limits, { unknownKeys: 'strip' })
    expect(await lenient.get()).toMatchObject({ right: { value: { rate: 1, burst: 1 } } })
  })

  it('when a value is larger than Consul takes, then it says so', async () => {
    await using registry = consul({ url: server.url })
    expect(await registry.kv(fresh('large')).put('x'.repeat(600 * 1024))).toMatchObject({
      left: { _tag: 'ConsulError', trouble: 'rejected', status: 413 },
    })
  })

  it('when a call is given up, late, or after the registry was disposed, then that is its failure', async () => {
    await using stopped = await consulServer()
    const clock = virtualClock()
    const registry = consul({ url: stopped.url, clock, timeout: 4_000 })
    const text = registry.kv('text')
    expect(await text.put('a')).toEqual(ok())
    await hang(stopped)
    const controller = new AbortController()
    const given = text.get({ signal: controller.signal })
    const late = text.get({ timeout: 1_000 })
    const usual = text.put('b')
    const ended = text.get()
    controller.abort()
    expect(await given).toMatchObject({ left: { trouble: 'closed', code: 'cancelled' } })
    expect(await text.get({ signal: controller.signal })).toMatchObject({ left: { trouble: 'closed' } })
    await clock.advance(1_000)
    expect(await late).toMatchObject({
      left: { trouble: 'timeout', message: `get of text: ${stopped.url} did not answer within 1000 ms` },
    })
    await clock.advance(3_000)
    expect(await usual).toMatchObject({ left: { trouble: 'timeout', code: 'deadline_exceeded' } })
    expect(await ended).toMatchObject({ left: { trouble: 'timeout' } })
    const running = text.get()
    await registry[Symbol.asyncDispose]()
    expect(await running).toMatchObject({ left: { trouble: 'closed' } })
    expect(await text.get()).toMatchObject({ left: { trouble: 'closed' } })
    using followed = follow(text)
    expect(followed.last()?.error).toMatchObject({ trouble: 'closed' })
    expect(clock.pending).toBe(0)
    stopped.cont()
  })

  it('when Consul comes back empty, then whoever watches keeps the last value while it is away, and sees that it is gone', async () => {
    await using own = await consulServer()
    await using registry = consul({ url: own.url })
    const text = registry.kv('text')
    await text.put('a')
    using followed = follow(text)
    await expect.poll(followed.value, soon).toBe('a')
    await own.kill()
    await expect.poll(() => followed.last()?.error, soon).toMatchObject({ trouble: 'unreachable' })
    expect(followed.value()).toBe('a')
    expect(await text.get()).toMatchObject({ left: { trouble: 'unreachable' } })
    await own.restart()
    await expect.poll(() => followed.last(), soon).toEqual({ known: true, entry: undefined, error: undefined })
    await text.put('b')
    await expect.poll(followed.value, soon).toBe('b')
  })
})

describe('given an agent that pretends', () => {
  it('when nobody watches any more, or the registry is disposed, then nothing is left of the watch', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    const registry = consul({ url: agent.url, clock, reads: 'stale' })
    const text = registry.kv('a b/c')
    const [one, two] = [follow(text), follow(text)]
    const first = await agent.next()
    expect(first.url).toBe('/v1/kv/a%20b/c?stale=')
    first.answer(7, '[{"Key":"a b/c","Value":"YQ==","ModifyIndex":7}]')
    expect((await agent.next()).url).toBe('/v1/kv/a%20b/c?stale=&index=7&wait=30000ms')
    one[Symbol.dispose]()
    expect(agent.open).toBe(1)
    two[Symbol.dispose]()
    await expect.poll(() => [agent.open, clock.pending], soon).toEqual([0, 0])
    using three = follow(text)
    await agent.next()
    await registry[Symbol.asyncDispose]()
    await expect.poll(() => [agent.open, clock.pending], soon).toEqual([0, 0])
    expect(three.states).toHaveLength(1)
  })

  it('when it answers a get by half, then its time is up, and when it answers nonsense, then that is told', async () => {
    await using agent = await pretender()
    const clock = virtualClock()
    await using registry = consul({ url: agent.url, clock, timeout: 2_000 })
    const text = registry.kv('text')
    const half = text.get()
    const { response } = await agent.next()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('[')
    await clock.advance(2_000)
    expect(await half).toMatchObject({ left: { trouble: 'timeout' } })
    using followed = follow(text)
    ;(await agent.next()).answer(7, '{}')
    await expect.poll(() => followed.last()?.error, soon).toMatchObject({ trouble: 'malformed' })
    const junk = text.get()
    ;(await agent.next()).answer(undefined, 'hello')
    expect(await junk).toMatchObject({
      left: { trouble: 'malformed', message: expect.stringContaining('Is it a Consul agent?') },
    })
  })

  it('when a listener throws, then the others hear all the same', async () => {
    await using agent = await pretender()
    await using registry = consul({ url: agent.url })
    const text = registry.kv('text')
    const defects: unknown[] = []
    const { subscribe } = await import('@tenon/endpoint')
    using _ = subscribe((event) => event.kind === 'defect' && defects.push(event.cause), ['defect'])
    using __ = text.watch(() => {
      throw new Error('mine')
    })
    using followed = follow(text)
    ;(await agent.next()).answer(7, '[{"Key":"text","Value":"YQ==","ModifyIndex":7}]')
    await expect.poll(followed.value, soon).toBe('a')
    expect(defects).toHaveLength(2)
  })
})

const bad: readonly (readonly [() => unknown, string])[] = [
  [() => consul().kv(''), 'kv: "key" is a text that is not empty'],
  [() => consul().kv('a//b'), 'kv: "key" has parts between slashes, none of them empty or dots, and not "a//b"'],
  [
    () => consul().kv('a', Limits, { strict: true } as object),
    'kv a: there is no option "strict"; there are unknownKeys, reads',
  ],
  [() => consul().kv('a', Limits, { reads: 'any' as never }), 'kv a: "reads" must be one of'],
  [
    () => consul().kv('a', Limits, { unknownKeys: 'keep' as never }),
    'kv a: "unknownKeys" must be one of "refuse", "strip"',
  ],
  [() => consul().kv('a').cas('a', -1), 'kv a: "index" must be a whole number of at least 0'],
  [() => consul().kv('a').delete({ index: 0 }), 'kv a: "index" must be a whole number of at least 1'],
  [
    () =>
      consul()
        .kv('a')
        .watch(7 as never),
    'kv a: "listener" must be a function',
  ],
  [
    () =>
      consul()
        .kv('a')
        .get({ timout: 1 } as object),
    'kv a: there is no option "timout"; there are signal, timeout',
  ],
  [() => consul().kv('a').get({ timeout: 0 }), 'kv a: "timeout" must be'],
]

describe('given a mistake with a key', () => {
  it.each(bad)('when it is %s, then it is named', async (make, words) => {
    await expect(Promise.resolve().then(make)).rejects.toThrow(words)
  })
})
