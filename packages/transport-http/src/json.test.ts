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

  it('twenty million characters of a text that breaks off are none either', () => {
    expect(badJsonAt(`"${'a'.repeat(20_000_000)}`)).toBe(20_000_001)
    expect(badJsonAt(`"${'\\n'.repeat(1_000_000)}\n"`)).toBe(2_000_001)
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

  it('a number beyond all numbers is refused, whatever its form', () => {
    for (const text of [
      '1e999',
      '[-1e400]',
      '{"a":{"b":[1,1E+309]}}',
      '9'.repeat(400),
      `[1,-${'9'.repeat(250)}e99]`,
      '1e0000999',
    ])
      expect(parseJson(Buffer.from(text)).wrong, text).toBe('a number of the body is out of range')
    for (const text of [
      '1e-999',
      '1e308',
      '9'.repeat(308),
      `0.${'9'.repeat(400)}`,
      '"1e999"',
      `"${'9'.repeat(400)}"`,
      '0e999',
    ])
      expect(parseJson(Buffer.from(text)), text).toMatchObject({ value: JSON.parse(text) })
  })

  it('given any JSON with a number out of range anywhere, then it is refused', () => {
    const huge = fc.tuple(
      fc.constantFrom('9', '10', '1234567'),
      fc.constantFrom('', '.5'),
      fc.constantFrom('e308', 'e+0999', 'E1000'),
    )
    fc.assert(
      fc.property(fc.json(), huge, fc.boolean(), (json, [int, part, exponent], list) => {
        const number = int + part + exponent
        fc.pre(!Number.isFinite(Number(number)) && !json.includes('__proto__'))
        const text = list ? `[${json},${number}]` : `{"a":${json},"b":{"c":${number}}}`
        expect(parseJson(Buffer.from(text)).wrong).toBe('a number of the body is out of range')
      }),
    )
  })

  it('a megabyte that is worth a second look costs little more for it', () => {
    const start = performance.now()
    for (const first of ['"__proto__"', '"\\u005f"', '"1e999"'])
      expect(parseJson(Buffer.from(`[${first}${',1'.repeat(4_000_000)}]`)).wrong).toBeUndefined()
    expect(parseJson(Buffer.from(`${'['.repeat(9_000)}"__proto__"${']'.repeat(9_000)}`)).wrong).toBeUndefined()
    // With a reviver of JSON.parse it was 7 s for each.
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('what is nested deeper than ten thousand levels is refused before it is built', () => {
    const nested = (levels: number, inside = '1'): string =>
      `${'[{"a":'.repeat(levels / 2)}${inside}${'}]'.repeat(levels / 2)}`
    const start = performance.now()
    for (const text of [nested(10_002), nested(4_000_000), '['.repeat(8_000_000), nested(10_002, '"\\\\""')])
      expect(parseJson(Buffer.from(text)).wrong).toBe('the body is nested too deeply')
    // With JSON.parse alone it was 1.7 s for the second.
    expect(performance.now() - start).toBeLessThan(2_000)
    const flat = [`["${'['.repeat(20_000)}\\"${'{'.repeat(20_000)}"]`, `[${'[],'.repeat(20_000)}1]`]
    for (const text of [nested(10_000), ...flat]) expect(parseJson(Buffer.from(text)).wrong).toBeUndefined()
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
    ['application/json; a=', true],
    ['application/json; a= ; b="c; d"  ', true],
    ['application/json; a=b c', false],
    ['application/json; a="b', false],
    ['application/jsonp', false],
    ['text/json', false],
    ['application/json, text/html', false],
    ['', false],
    [undefined, false],
  ])('%j is JSON: %j', (type, expected) => {
    expect(isMedia(type, jsonOnly)).toBe(expected)
    expect(isJson(type)).toBe(expected)
  })

  it('sixteen kilobytes made to be read in every way are read in one', () => {
    const start = performance.now()
    for (const part of [' ', ' ;', '; a', ';a=', ';a="', '"', '; charset '])
      for (let i = 0; i < 100; i++)
        expect(isMedia(`application/json;a=b${part.repeat(16_000 / part.length)}x y`, jsonOnly)).toBe(false)
    // One of the first kind took 0.3 s.
    expect(performance.now() - start).toBeLessThan(3_000)
  })

  it('an answer may be of a kind of JSON', () => {
    expect(isJson('application/problem+json; charset=utf-8')).toBe(true)
    expect(isJson('application/vnd.shop+json')).toBe(true)
    expect(isJson('text/html')).toBe(false)
  })
})
