import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { MessageReader } from './message-reader.ts'

function read(chunks: readonly Buffer[]): { readonly messages: unknown[]; readonly pings: number } {
  const messages: unknown[] = []
  let pings = 0
  const reader = new MessageReader(
    (subject, body) => messages.push([subject, body.toString()]),
    () => pings++,
  )
  for (const chunk of chunks) reader.read(chunk)
  return { messages, pings }
}

it('given messages and pings that come byte by byte, then each is told once and whole', () => {
  const bytes = Buffer.from('INFO {"a":1}\r\nMSG in.7 1 4\r\na\r\nb\r\nPING\r\n+OK\r\nMSG in.12 1 other 0\r\n\r\n')
  const expected = {
    messages: [
      ['in.7', 'a\r\nb'],
      ['in.12', ''],
    ],
    pings: 1,
  }
  expect(read([bytes])).toEqual(expected)
  expect(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(expected)
})

it.each(["-ERR 'Permissions Violation'", 'HMSG in.7 1 16 16'])('given %s, then that is no answer', (line) => {
  expect(() => read([Buffer.from(`${line}\r\n`)])).toThrow(`nats-server says ${line}`)
})
