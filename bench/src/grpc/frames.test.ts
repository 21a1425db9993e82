import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { FrameReader, frame, kinds, numbered, request } from './frames.ts'

const data = (stream: number, text: string): Buffer => frame(kinds.data, 0, stream, Buffer.from(text))

/** What a reader takes out of these chunks: kind, stream and body of each frame. */
function read(chunks: readonly Buffer[]): unknown[] {
  const found: unknown[] = []
  const reader = new FrameReader((kind, _, stream, bytes, from, to) =>
    found.push([kind, stream, bytes.toString('latin1', from, to)]),
  )
  for (const chunk of chunks) reader.read(chunk)
  return found
}

it('given frames that come byte by byte, then each is told once and whole', () => {
  const bytes = Buffer.concat([data(1, 'one'), data(3, ''), frame(kinds.headers, 1, 1, Buffer.from('x'))])
  const expected = [
    [kinds.data, 1, 'one'],
    [kinds.data, 3, ''],
    [kinds.headers, 1, 'x'],
  ]
  expect(read([bytes])).toEqual(expected)
  expect(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(expected)
})

it('given a request, when it gets a number, then both of its frames have it, and the request keeps none', () => {
  const asking = request('/a.B/C', 80, Buffer.from('message'))
  const found = read([numbered(asking, 7), asking]) as [number, number, string][]
  expect(found.map(([kind, stream]) => [kind, stream])).toEqual([
    [kinds.headers, 7],
    [kinds.data, 7],
    [kinds.headers, 0],
    [kinds.data, 0],
  ])
  expect(found[1]?.[2]).toBe('message')
})
