import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Chunks } from './chunks.ts'
import { isJson, isMedia, jsonOnly, parseJson } from './json.ts'
import { badJsonAt } from './position.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('given a text that is not JSON', () => {
  it.each([
    ['', 0],
    ['x', 0],
    ['{', 1],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12x4"', 5],
    ['01', 1],
    ['1.', 2],
    ['-', 1],
    ['1e+', 3],
    ['tru', 3],
    ['trve', 2],
    ['{} {}', 3],
    ['\ufeff{}', 0],
  ])('%j is wrong at %i', (text, at) => {
    expect(parses(text)).toBe(false)
    expect(badJsonAt(text)).toBe(at)
  })

  it('the place is the shortest prefix that no JSON begins with, less one', () => {
    const alphabet = fc.constantFrom(...'{}[]:,"\\ \n012.-+eEtrufalsn/bx\u0000é')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 12 }), (letters) => {
        const text = letters.join('')
        if (parses(text)) return
        const at = badJsonAt(text)
        expect(at).toBeLessThanOrEqual(text.length)
        // What stands before the place can be the beginning of JSON: scanning it alone runs to its end.
        expect(badJsonAt(text.slice(0, at))).toBe(at)
      }),
      { numRuns: 20_000 },
    )
  })

  it('given any JSON with one character put in or taken out, then the place is not before the change unless it parses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', '"', '\u0001', 'x'), (json, n, letter) => {
        const at = n % (json.length + 1)
        const broken = json.slice(0, at) + letter + json.slice(at)
        if (parses(broken)) return
        expect(badJsonAt(broken)).toBeGreaterThanOrEqual(at)
      }),
      { numRuns: 2_000 },
    )
  })

  it('a hundred thousand brackets are no problem', () => {
    expect(badJsonAt('['.repeat(100_000))).toBe(100_000)
  })
})

describe('given bytes', () => {
  it('any JSON value is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = parseJson(Buffer.from(text))
        if (/__proto__/.test(text) && parsed.wrong !== undefined) return
        expect(parsed).toEqual({ value: JSON.parse(text), text })
      }),
    )
  })

  it('a __proto__ key is refused however it is written, as a value it is fine', () => {
    for (const text of ['{"__proto__":1}', '[{"a":{"\\u005f\\u005fproto__":{}}}]', '{"__pr\\u006fto__":{}}'])
      expect(parseJson(Buffer.from(text)).wrong, text).toBe('a key of the body is "__proto__"')
    expect(parseJson(Buffer.from('["__proto__"]'))).toMatchObject({ value: ['__proto__'] })
    expect(parseJson(Buffer.from('{"constructor":1}'))).toMatchObject({ value: { constructor: 1 } })
  })

  it('what is not UTF-8 is refused', () => {
    expect(parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22])).wrong).toBe('the body is not UTF-8')
  })

  it('pieces of every size come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 3 }), { maxLength: 1_500, size: 'max' }),
        (pieces) => {
          const chunks = new Chunks()
          for (const piece of pieces) chunks.push(Buffer.from(piece))
          const whole = Buffer.concat(pieces)
          expect(chunks.size).toBe(whole.length)
          expect(chunks.whole().equals(whole)).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('given a content type', () => {
  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['APPLICATION/JSON ; Charset = "UTF-8" ', true],
    ['application/json; profile=x', true],
    ['application/json;', true],
    ['application/json; charset=utf-16', false],
    ['application/json; charset', false],
    ['application/jsonp', false],
    ['text/json', false],
    ['application/json, text/html', false],
    ['', false],
    [undefined, false],
  ])('%j is JSON: %j', (type, expected) => {
    expect(isMedia(type, jsonOnly)).toBe(expected)
    expect(isJson(type)).toBe(expected)
  })

  it('an answer may be of a kind of JSON', () => {
    expect(isJson('application/problem+json; charset=utf-8')).toBe(true)
    expect(isJson('application/vnd.shop+json')).toBe(true)
    expect(isJson('text/html')).toBe(false)
  })
})
