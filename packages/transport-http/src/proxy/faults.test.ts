// Many requests at once whose clients and targets misbehave at random: what arrives whole is right, what is not is seen to
// be so, and nothing is left behind.
import { request } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { seeded } from '@tenon/endpoint/testing'
import { expect, it } from 'vitest'
import { http } from '../index.ts'
import { proxy } from './proxy.ts'

const random = seeded(24)
const upTo = (most: number): number => Math.floor(random() * most)

/** What a target answers to `/<size>/<fault>`, where the fault is the byte after which it breaks, or -1. */
const bodyOf = (size: number): Buffer => Buffer.alloc(size, `${size};`)

it('given 400 requests with faults of every kind, then each ends as it must, and nothing is left', async () => {
  const sockets = new Set<Socket>()
  const target = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      // One request at a time comes here; bodies are told by their chunks' end.
      for (;;) {
        const [head = ''] = /^.*?\r\n\r\n/s.exec(text) ?? []
        if (head === '') return
        const chunked = /transfer-encoding: chunked/i.test(head)
        const rest = text.slice(head.length)
        if (chunked && !rest.includes('0\r\n\r\n')) return
        text = chunked ? rest.slice(rest.indexOf('0\r\n\r\n') + 5) : rest
        const [, size, fault, wait] = /\/(\d+)\/(-?\d+)\/(\d+)/.exec(head) ?? []
        const body = bodyOf(Number(size))
        const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body])
        setTimeout(() => {
          if (Number(fault) < 0) socket.write(answer)
          else socket.write(answer.subarray(0, Number(fault)), () => socket.resetAndDestroy())
        }, Number(wait))
      }
    })
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const { port } = target.address() as { port: number }
  const through = proxy({ url: `http://127.0.0.1:${port}`, onTelemetry: () => {} })
  const front = await http.serve([], { routes: { '* /*': through }, grace: 0, onTelemetry: () => {} })
  const counts = { whole: 0, failed: 0, broke: 0, left: 0 }

  const one = (): Promise<void> => {
    const size = upTo(3) === 0 ? upTo(400_000) : upTo(2_000)
    const fault = upTo(4) === 0 ? upTo(size + 60) : -1
    const leaves = upTo(5) === 0 ? upTo(30) : -1
    const sends = upTo(2) === 0 ? upTo(60_000) : 0
    return new Promise((resolve, reject) => {
      const asked = request(`${front.url}/${size}/${fault}/${upTo(20)}`, {
        method: sends > 0 ? 'POST' : 'GET',
        agent: false,
      })
      const end = (how: keyof typeof counts): void => {
        counts[how]++
        resolve()
      }
      asked.once('error', () => end(leaves >= 0 ? 'left' : 'broke'))
      asked.once('response', (answer) => {
        asked.removeAllListeners('error').on('error', () => {})
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('error', () => end(leaves >= 0 ? 'left' : 'broke'))
        answer.once('end', () => {
          const body = Buffer.concat(chunks)
          // A kept connection that another request's fault has reset: only what may be repeated is.
          if (answer.statusCode === 502 && (fault >= 0 || sends > 0)) end('failed')
          else if (answer.statusCode === 200 && body.equals(bodyOf(size)) && (fault < 0 || fault >= size)) end('whole')
          else reject(new Error(`${answer.statusCode} with ${body.length} bytes of ${size}, broken at ${fault}`))
        })
      })
      for (let left = sends; left > 0; left -= 10_000) asked.write(Buffer.alloc(Math.min(left, 10_000), 'a'))
      asked.end()
      if (leaves >= 0) setTimeout(() => asked.destroy(), leaves)
    })
  }
  const lanes = Array.from({ length: 40 }, async () => {
    for (let n = 0; n < 10; n++) await one()
  })
  await Promise.all(lanes)
  for (const [how, count] of Object.entries(counts)) expect(count, how).toBeGreaterThan(5)
  await expect.poll(() => front.inFlight).toBe(0)
  await front[Symbol.asyncDispose]()
  const start = performance.now()
  await through[Symbol.asyncDispose]()
  expect(performance.now() - start).toBeLessThan(1_000)
  await expect.poll(() => sockets.size).toBe(0)
  target.close()
})
