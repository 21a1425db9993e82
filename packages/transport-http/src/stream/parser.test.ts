// Event streams in pieces of every size: the same events as the rules read from the whole text, and what was written.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventText, heartbeat, itemText, type SentEvent } from './event.ts'
import { EventParser, type ReadEvent } from './parser.ts'

/** What a parser makes of these pieces; `undefined` last where an event was larger than allowed. */
function read(pieces: readonly Uint8Array[], limit = 1_000_000): (ReadEvent | undefined)[] {
  const events: (ReadEvent | undefined)[] = []
  const parser = new EventParser(limit, (event) => events.push(event))
  for (const piece of pieces)
    if (!parser.push(Buffer.from(piece))) {
      events.push(undefined)
      break
    }
  return events
}
const readText = (...pieces: string[]) => read(pieces.map((piece) => Buffer.from(piece)))

/** The rules of the standard, word by word, on a whole text. */
function byTheBook(bytes: Uint8Array): ReadEvent[] {
  const lines = new TextDecoder('utf-8').decode(bytes).split(/\r\n|\r|\n/)
  // What has no line end is not processed.
  lines.pop()
  const events: ReadEvent[] = []
  let data = ''
  let type = ''
  let id = ''
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ type: type === '' ? 'message' : type, data: data.slice(0, -1), id })
      data = ''
      type = ''
    } else if (!line.startsWith(':')) {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (field === 'data') data += `${value}\n`
      else if (field === 'event') type = value
      else if (field === 'id' && !value.includes('\0')) id = value
    }
  }
  return events
}

/** Bytes cut into pieces anywhere, empty ones too. */
const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const marks = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return marks.slice(1).map((mark, i) => bytes.subarray(marks[i], mark))
}
const marks = fc.array(fc.nat(), { maxLength: 30 })
const token = fc.constantFrom(
  'data',
  'event',
  'id',
  'retry',
  'other',
  ':',
  ': ',
  ' ',
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  '\r\r',
  '\0',
  '12',
  'é',
  '日',
  '🌲',
  '\u2028',
  '\ufeff',
  'x',
)
const streamBytes = fc.oneof(
  fc.array(token, { maxLength: 60 }).map((tokens) => new Uint8Array(Buffer.from(tokens.join('')))),
  fc.uint8Array({ maxLength: 200 }),
  // Broken UTF-8 between lines that are whole.
  fc
    .array(
      fc.oneof(
        token.map((t) => Buffer.from(t)),
        fc.uint8Array({ min: 0x80, minLength: 1, maxLength: 3 }),
      ),
    )
    .map((parts) => new Uint8Array(Buffer.concat(parts))),
)

describe('an event stream', () => {
  it('given any bytes in any pieces, then the events are those of the rules', () => {
    fc.assert(
      fc.property(streamBytes, marks, (bytes, at) => {
        const expected = byTheBook(bytes)
        expect(read([bytes])).toEqual(expected)
        expect(read(cut(bytes, at))).toEqual(expected)
        expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('given events that were written, with comments between them, in any pieces, then the same are read', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, ''))
    const sent = fc.record(
      {
        type: line.filter((type) => type !== ''),
        id: line,
        retry: fc.nat(),
        data: fc.array(line).map((lines) => lines.join('\n')),
      },
      { requiredKeys: ['data'] },
    )
    fc.assert(
      fc.property(fc.array(sent), marks, fc.nat(3), (events, at, beats) => {
        const text = events.map((event) => eventText(event) + heartbeat.repeat(beats)).join('')
        let id = ''
        const expected = events.map((event: SentEvent) => {
          id = event.id ?? id
          return { type: event.type ?? 'message', data: event.data, id }
        })
        expect(read(cut(Buffer.from(text), at))).toEqual(expected)
      }),
    )
  })

  it('given an item, then its text is that of an event', () => {
    const json = JSON.stringify({ text: 'a\nb\u2028c' })
    expect(itemText('7', json)).toBe(eventText({ id: '7', data: json }))
    expect(itemText(undefined, json)).toBe(eventText({ data: json }))
  })

  it('given data of several lines, whatever ends them, then they are joined by a line feed', () => {
    expect(readText(eventText({ data: 'a\r\nb\rc\nd' }))).toEqual([{ type: 'message', data: 'a\nb\nc\nd', id: '' }])
    expect(readText('data\ndata:\n\n')).toEqual([{ type: 'message', data: '\n', id: '' }])
    expect(readText('event: x\nid: 1\n\ndata: only this\n\n')).toMatchObject([{ type: 'message', id: '1' }])
  })

  it('given an id with a NULL, then it is ignored; an empty one takes it back', () => {
    expect(readText('id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n').map((event) => event?.id)).toEqual([
      '1',
      '1',
      '',
    ])
  })

  it('given retry, then it is whole milliseconds or ignored', () => {
    const parser = new EventParser(100, () => {})
    for (const [line, expected] of [
      ['retry: x', undefined],
      ['retry: 1.5', undefined],
      ['retry: 250', 250],
      ['retry: -1', 250],
      ['retry:', 250],
    ] as const) {
      parser.push(Buffer.from(`${line}\n`))
      expect(parser.retry).toBe(expected)
    }
  })

  it('given CRLF cut in two, then it is one end of a line', () => {
    expect(readText('data: a\r', '\n\r', '', '\ndata: b\r\n\r\n').map((event) => event?.data)).toEqual(['a', 'b'])
  })

  it('given more than an event may have, in one line, in many, or in a comment, then it is told as soon as it is seen', () => {
    const a = Buffer.alloc(40, 'a')
    const told = (...pieces: (string | Buffer)[]) =>
      read(
        pieces.map((piece) => Buffer.from(piece)),
        100,
      )
    expect(told('data: ', a, '\n', '\n')).toHaveLength(1)
    expect(told('data: ', a, a, a)).toEqual([undefined])
    expect(told('data: ', Buffer.alloc(200, 'a'), '\n')).toEqual([undefined])
    expect(told(...Array.from({ length: 3 }, () => `data: ${a}\n`))).toEqual([undefined])
    expect(told(...Array.from({ length: 101 }, () => 'data\n'))).toEqual([undefined])
    expect(told(':', a, a, a)).toEqual([undefined])
    expect(told(...Array.from({ length: 100 }, () => `data: ${a}\n\n`))).toHaveLength(100)
  })

  it('given a line of a megabyte that comes byte by byte, then it takes no time that grows with its square', () => {
    const bytes = Buffer.from(`data: ${'x'.repeat(1_000_000)}\n\n`)
    const from = performance.now()
    expect(
      read(
        [...bytes].map((_, i) => bytes.subarray(i, i + 1)),
        2_000_000,
      ),
    ).toHaveLength(1)
    expect(performance.now() - from).toBeLessThan(5_000)
  })
})
