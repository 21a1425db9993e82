// Streams as an `EventSource` reads them: undici's, which follows the rules of browsers and knows nothing of this package.
import { contract, failure, handler, implement, serverStream } from '@tenon/contract'
import { fail, type Outcome, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { EventSource } from 'undici'
import { describe, expect, it } from 'vitest'
import { http, type Running } from '../index.ts'
import type { ServeOptions } from '../serve.ts'

const Sold = failure('Sold', 'not_found', t.strict({ sku: t.string }))
const Shop = contract('shop.v1.Shop', {
  changes: serverStream({
    input: t.intersection([t.strict({ sku: t.string }), t.partial({ since: t.number })]),
    output: t.strict({ seq: t.number }),
    failures: [Sold],
    http: 'GET /v1/stock/{sku}/changes',
    resume: { id: 'seq', after: 'since' },
  }),
})
type Input = { readonly sku: string; readonly since?: number }

const serving = (changes: (input: Input) => AsyncIterable<Outcome>, options: ServeOptions = {}): Promise<Running> =>
  http.serve(implement(Shop, { changes: handler(Shop.methods.changes, changes as never) }), options)

interface Listening extends Disposable {
  readonly source: EventSource
  readonly events: { readonly type: string; readonly id: string; readonly data: unknown }[]
}
function listen(s: Running, sku = 'oak'): Listening {
  const source = new EventSource(`${s.url}/v1/stock/${sku}/changes`, { node: { reconnectionTime: 10 } })
  const events: Listening['events'][number][] = []
  for (const type of ['message', 'end', 'failure'])
    source.addEventListener(type, ((event: { readonly data: string; readonly lastEventId: string }) => {
      events.push({ type, id: event.lastEventId, data: JSON.parse(event.data) })
    }) as never)
  return { source, events, [Symbol.dispose]: () => source.close() }
}
const upTo = (last: number) =>
  async function* ({ since = 0 }: Input) {
    for (let seq = since + 1; seq <= last; seq++) yield ok({ seq })
  }

describe('given an EventSource', () => {
  it('when a stream ends or fails, then it has read all, and stops by itself, though nobody closes it', async () => {
    for (const [sku, last] of [
      ['oak', { type: 'end', data: {} }],
      ['ash', { type: 'failure', data: { code: 'not_found', tag: 'Sold', details: { sku: 'ash' } } }],
    ] as const) {
      let asked = 0
      await using s = await serving(async function* (input) {
        asked++
        yield* upTo(3)(input)
        if (input.sku === 'ash') yield fail(Sold({ sku: 'ash' }))
      })
      using listening = listen(s, sku)
      await expect.poll(() => listening.source.readyState, { timeout: 5_000 }).toBe(2)
      expect(listening.events).toMatchObject([
        ...[1, 2, 3].map((seq) => ({ type: 'message', id: String(seq), data: { seq } })),
        { ...last, id: ':end' },
      ])
      expect(asked).toBe(1)
      expect(s.inFlight).toBe(0)
    }
  })

  it('when the server stops and another one takes over, then it goes on there after the item that it has', async () => {
    const waits = async function* ({ since = 0 }: Input) {
      yield* upTo(since + 2)({ sku: '', since })
      await new Promise(() => {})
    }
    const first = await serving(waits)
    using listening = listen(first)
    await expect.poll(() => listening.events.length).toBe(2)
    await first.drain()
    await using _second = await serving(waits, { port: first.port, grace: 0 })
    await expect.poll(() => listening.events.length, { timeout: 5_000 }).toBe(5)
    expect(listening.events.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'message 1',
      'message 2',
      'failure 2',
      'message 3',
      'message 4',
    ])
    listening.source.close()
  })

  it('when what it asks for is refused, then it stops', async () => {
    await using s = await serving(upTo(1))
    using listening = { source: new EventSource(`${s.url}/v1/stock/oak/changes?since=x`), [Symbol.dispose]() {} }
    await expect.poll(() => listening.source.readyState).toBe(2)
  })
})
