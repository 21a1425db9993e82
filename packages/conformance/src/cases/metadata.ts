// What travels beside a call.
import assert from 'node:assert/strict'
import { type Context, call, ok } from '@tenon/endpoint'
import { type Case, group, left, like, right } from '../case.ts'
import { counted } from './counted.ts'

export const metadata: readonly Case[] = group('metadata', {
  sent: {
    says: 'given metadata that a caller sets, when a call is made, then the handler sees it under lower-case names',
    async run(stage) {
      const seen: (string | undefined)[] = []
      const { client } = await stage.open({
        act: (_, { metadata }) => {
          seen.push(metadata.get('x-request-id'), metadata.get('traceparent'), metadata.get('X-Request-Id'))
          return ok({ n: 1 })
        },
      })
      const sent = { 'X-Request-Id': 'r-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
      right(await call(client.act, { what: '' }, { metadata: sent }))
      assert.deepEqual(seen, ['r-1', sent.traceparent, undefined])
    },
  },
  absent: {
    says: 'given no metadata, when a handler looks for a name, also one that every object has, then there is none',
    async run(stage) {
      const seen: (string | undefined)[] = []
      const { client } = await stage.open({
        act: (_, { metadata }) => {
          seen.push(metadata.get('x-request-id'), metadata.get('constructor'), metadata.get('__proto__'))
          return ok({ n: 1 })
        },
      })
      right(await call(client.act, { what: '' }))
      assert.deepEqual(seen, [undefined, undefined, undefined])
    },
  },
  passedOn: {
    says: 'given a handler that calls on with its context, when metadata came in, then what is allowed passes on and nothing else',
    async run(stage) {
      let inner: Context['metadata'] | undefined
      const setting = await stage.open({
        act: async (what, ctx): Promise<never> => {
          if (what === 'inner') inner = ctx.metadata
          else right(await call(setting.client.act, { what: 'inner' }, { parent: ctx }))
          return ok({ n: 1 }) as never
        },
      })
      const sent = { 'x-request-id': 'r-1', 'x-secret': 's', baggage: 'a=1' }
      right(await call(setting.client.act, { what: 'outer' }, { metadata: sent }))
      assert.deepEqual(
        ['x-request-id', 'baggage', 'x-secret'].map((name) => inner?.get(name)),
        ['r-1', 'a=1', undefined],
      )
    },
  },
  tooLarge: {
    says: 'given more metadata than may be sent, when a call is made, then it fails with InvalidArgument before anything is sent',
    async run(stage) {
      const { client, calls } = await counted(stage)
      const metadata = { 'x-request-id': 'x'.repeat(100_000) }
      like(left(await call(client.act, { what: '' }, { metadata })), { _tag: 'InvalidArgument' })
      assert.equal(calls(), 0)
      right(await call(client.act, { what: '' }))
    },
  },
})
