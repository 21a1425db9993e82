// Streams that outlast what ends other connections: real seconds, because timers of Node and of a client that closes are
// what would end them.
import { connect } from 'node:net'
import { contract, handler, implement, serverStream } from '@tenon/contract'
import { call, ok, type Stream } from '@tenon/endpoint'
import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { http } from '../index.ts'

const Feed = contract('a.Feed', { watch: serverStream({ input: t.strict({}), output: t.number, http: 'GET /watch' }) })

it('given no heartbeat and a server that waits 5 s for other connections, when a stream is silent for 8 s, then it goes on, and later its connection is closed as ever', {
  timeout: 30_000,
}, async () => {
  const Feed = contract('a.Feed', {
    watch: serverStream({ input: t.strict({}), output: t.number, http: 'GET /watch' }),
  })
  const feed = implement(Feed, {
    watch: handler(Feed.methods.watch, async function* () {
      await new Promise((resolve) => setTimeout(resolve, 8_000))
      yield ok(1)
    }),
  })
  await using s = await http.serve(feed, {
    heartbeat: 'unbounded',
    limits: { request: 1_000, bodyTimeout: 1, keepAlive: 1 },
  })
  const socket = connect({ port: s.port, host: '127.0.0.1' })
  socket.write('GET /watch HTTP/1.1\r\nhost: x\r\n\r\n')
  const text = (await socket.toArray()).join('')
  expect(text).toMatch(/data: 1\n\nevent: end/)
})

it('given a client that is disposed under an open stream, then its reader hears Unavailable after the 5 s that calls are given', {
  timeout: 30_000,
}, async () => {
  const feed = implement(Feed, {
    watch: handler(Feed.methods.watch, async function* () {
      yield ok(1)
      await new Promise(() => {})
    }),
  })
  await using s = await http.serve(feed, { grace: 0 })
  const c = http.client(Feed, { url: s.url })
  const opened = await call(c.watch, {})
  const items: AsyncIterator<unknown> = (
    opened._tag === 'Right' ? opened.right : (expect.unreachable() as Stream<number>)
  )[Symbol.asyncIterator]()
  expect(await items.next()).toMatchObject({ value: ok(1) })
  const last = items.next()
  await c[Symbol.asyncDispose]()
  expect(await last).toMatchObject({ value: { left: { _tag: 'Unavailable' } } })
})
