// A client that asks and does not read: real seconds, because Node's socket timeout is what ends it.
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import type { RequestListener } from './listener.ts'
import { serve } from './serve.ts'

it('when a client does not read its answer, then its connection is destroyed in the end', {
  timeout: 30_000,
}, async () => {
  // A listener of the user's counts as in flight until its answer is sent.
  const big: RequestListener = (_, res) => void res.end('x'.repeat(30_000_000))
  // The connection may be silent for the request's time, the body's time and 5 s more.
  await using s = await serve([], { limits: { request: 1_000, bodyTimeout: 1 }, routes: { 'GET /big': big }, grace: 0 })
  const socket = connect({ port: s.port, host: '127.0.0.1' }).pause()
  let failed = false
  socket.on('error', () => {
    failed = true
  })
  socket.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n')
  await expect.poll(() => s.inFlight, { timeout: 2_000 }).toBe(1)
  await expect.poll(() => s.inFlight, { timeout: 20_000, interval: 200 }).toBe(0)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  socket.resume()
  await closed
  expect(failed || bytes < 30_000_000).toBe(true)
})
