import { describe, expect, it } from 'vitest'
import { AnswerReader } from './answer-reader.ts'

const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const chunked = 'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'

describe('the reader of answers', () => {
  it.each([
    [200, withLength],
    [404, chunked],
  ])(
    'given an answer (%i) in one piece or in pieces of any size, then it is whole with its last byte and not before',
    (status, text) => {
      for (let size = 1; size <= text.length; size++) {
        const reader = new AnswerReader()
        for (let time = 0; time < 3; time++) {
          const seen: (number | undefined)[] = []
          for (let at = 0; at < text.length; at += size) seen.push(reader.read(Buffer.from(text.slice(at, at + size))))
          expect(seen.pop()).toBe(status)
          expect(new Set(seen)).toEqual(new Set(seen.length === 0 ? [] : [undefined]))
        }
      }
    },
  )

  it('given answers of different lengths, then each is read by its own', () => {
    const reader = new AnswerReader()
    const longer = 'HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\nhello, hello'
    for (const [text, status] of [
      [withLength, 200],
      [longer, 500],
      [withLength, 200],
      [chunked, 404],
    ] as const)
      expect(reader.read(Buffer.from(text))).toBe(status)
  })

  it('given an answer without a length, or more than one answer, then it says so', () => {
    expect(() => new AnswerReader().read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('without a length')
    expect(() => new AnswerReader().read(Buffer.from(withLength + withLength))).toThrow('more bytes')
  })
})
