// Ends of a stream that are there and say nothing: each is taken for gone by the other.
import { contract, handler, implement, serverStream } from '@tenon/contract'
import { call, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { fresh, generations, server as url } from '../../test/clients.ts'
import { nats } from '../index.ts'

const Clock = contract('test.silent.v1.Clock', { watch: serverStream({ input: t.void, output: t.number }) })
const subject = 'test.silent.v1.Clock.watch'

describe.skipIf(url === undefined).each(generations)('with $name', ({ connect }) => {
  it('given a server that opens a stream and falls silent, and a caller that does, when four beats have passed, then the other end is told', async () => {
    const connection = await connect({ servers: url as string })
    const [real, fake] = [fresh(), fresh()]
    let ended = false
    const watch = handler(Clock.methods.watch, async function* (_, { signal }) {
      yield ok(1)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      ended = true
    })
    const server = await nats.serve(implement(Clock, { watch }), { connection, prefix: real, grace: 100 })
    connection.subscribe('_INBOX.silent.caller', { callback: () => {} })
    const credit = { encode: (): Uint8Array => Buffer.from('NATS/1.0\r\ntenon-credit: 16\r\n\r\n') }
    connection.publish(`${real}.${subject}`, '', { reply: '_INBOX.silent.caller', headers: credit })
    connection.subscribe(`${fake}.${subject}`, {
      callback: (_, { reply }) => {
        const encode = (): Uint8Array => Buffer.from('NATS/1.0\r\ntenon-stream: open\r\ntenon-seq: 0\r\n\r\n')
        connection.publish(reply as string, '', { headers: { encode } })
      },
    })
    const opened = await call(nats.client(Clock, { connection, prefix: fake }).watch, undefined)
    const read: unknown[] = []
    const start = performance.now()
    if (opened._tag === 'Right') for await (const item of opened.right) read.push(item)
    expect(read).toMatchObject([{ left: { _tag: 'Unavailable', message: 'the server has fallen silent' } }])
    expect(performance.now() - start).toBeLessThan(50_000)
    await expect.poll(() => server.inFlight, { timeout: 15_000 }).toBe(0)
    expect(ended).toBe(true)
    await server[Symbol.asyncDispose]()
    await connection.close()
  })
})
