import { describe, expect, it } from 'vitest'
import { counting } from './meter.ts'

describe('a meter', () => {
  const split = (text: string | Buffer, size: number): Buffer[] => {
    const bytes = Buffer.from(text as string)
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
  }
  const count = (chunks: readonly Buffer[]): number => {
    let requests = 0
    const hear = counting(() => requests++)
    for (const chunk of chunks) hear(chunk)
    return requests
  }

  it('given HTTP/1.1 in pieces of any size, then each request is counted once', () => {
    const talk = 'GET /v1/a HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3)
    for (const size of [1, 7, 24, 1_000]) expect(count(split(talk, size)), `${size}`).toBe(3)
  })

  it('given HTTP/2 in pieces of any size, then each frame of headers is counted, and no other', () => {
    const frame = (kind: number, length: number): Buffer =>
      Buffer.concat([Buffer.from([0, length >> 8, length & 255, kind, 0, 0, 0, 0, 1]), Buffer.alloc(length, 1)])
    const talk = Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      ...[4, 1, 0, 6, 1, 8, 0].map((kind) => frame(kind, 300)),
    ])
    for (const size of [1, 10, 25, 333, 10_000]) expect(count(split(talk as never, size)), `${size}`).toBe(2)
  })
})
