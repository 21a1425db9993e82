// Questions and answers as bytes, against another codec and against whatever comes.
import { decode as decodePacket, encode as encodePacket } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { a, aaaa, alias, soa, srv } from '../test/dns-server.ts'
import { answers, decodeAnswer, encodeQuestion } from './message.ts'
import { normalName } from './name.ts'

const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'))
const word = fc.integer({ min: 0, max: 0xffff })

describe('a question', () => {
  it('given any name, when it is encoded, then another codec reads the same', () => {
    fc.assert(
      fc.property(
        word,
        name,
        fc.constantFrom('A' as const, 'AAAA' as const, 'SRV' as const),
        fc.boolean(),
        (id, name, type, extended) => {
          const packet = decodePacket(encodeQuestion(id, { name, type }, extended))
          expect(packet).toMatchObject({ id, type: 'query', flag_rd: true, questions: [{ name, type, class: 'IN' }] })
          expect(packet.additionals?.map((one) => one.type)).toEqual(extended ? ['OPT'] : [])
        },
      ),
    )
  })
})

describe('an answer', () => {
  it('given records of another codec, compressed or not, when they are decoded, then all is as it was', () => {
    const record = fc.record({
      target: name,
      port: word,
      priority: word,
      weight: word,
      ttl: fc.integer({ min: 0, max: 0x7fff_ffff }),
    })
    fc.assert(
      fc.property(word, name, fc.array(record, { maxLength: 20 }), (id, name, records) => {
        const bytes = encodePacket({
          type: 'response',
          id,
          questions: [{ name, type: 'SRV' }],
          answers: records.map(({ target, port, ttl, ...rest }) => srv(name, target, port, { ttl, ...rest })),
          additionals: records.map(({ target, ttl }) => a(target, '10.0.0.7', ttl)),
        })
        const answer = decodeAnswer(bytes)
        expect(answers(answer, id, { name, type: 'SRV' })).toBe(true)
        expect(answers(answer, id ^ 1, { name, type: 'SRV' })).toBe(false)
        expect(answer.answers).toEqual(records.map((one) => ({ type: 'SRV', name, ...one })))
        expect(answer.additional).toEqual(
          records.map(({ target, ttl }) => ({ type: 'A', name: target, ttl, address: '10.0.0.7' })),
        )
      }),
    )
  })

  it('given every type that we read and one that we do not, when they are decoded, then that one is left out', () => {
    const bytes = encodePacket({
      type: 'response',
      id: 7,
      flags: 3,
      questions: [{ name: 'Shop.example', type: 'AAAA' }],
      answers: [
        alias('shop.example', 'Web.example', 9),
        aaaa('web.example', '2001:db8:0:0:0:0:0:1', 8),
        { type: 'TXT', name: 'web.example', ttl: 1, data: 'hello' },
      ],
      authorities: [soa('example', 30, 40)],
    })
    expect(decodeAnswer(bytes)).toEqual({
      id: 7,
      truncated: false,
      code: 'NXDOMAIN',
      question: { name: 'shop.example', type: 28 },
      answers: [
        { type: 'CNAME', name: 'shop.example', ttl: 9, target: 'web.example' },
        { type: 'AAAA', name: 'web.example', ttl: 8, address: '2001:db8::1' },
      ],
      authority: [{ type: 'SOA', name: 'example', ttl: 40, minimum: 30 }],
      additional: [],
    })
  })

  it('given names that another codec compresses by pointers, when they are decoded, then they are followed', () => {
    // header, question a.b, answer: pointer to a.b, CNAME c.<pointer to b>
    const bytes = Buffer.from(
      '000181800001000100000000' +
        '0161016200' +
        '00010001' +
        'c00c' +
        '00050001' +
        '0000003c' +
        '0004' +
        '0163' +
        'c00e',
      'hex',
    )
    expect(decodeAnswer(bytes).answers).toEqual([{ type: 'CNAME', name: 'a.b', ttl: 60, target: 'c.b' }])
  })

  it('given pointers in a circle or ahead, when they are decoded, then that is refused', () => {
    const asked = (name: string) => Buffer.from(`000181800001000000000000${name}00010001`, 'hex')
    expect(() => decodeAnswer(asked('c00c'))).toThrow('points ahead')
    expect(() => decodeAnswer(asked('0161c00c'))).toThrow('points ahead')
    expect(() => decodeAnswer(asked('c0ff'))).toThrow('points ahead')
    expect(() => decodeAnswer(asked('8100'))).toThrow('unknown kind')
  })

  it('given a label with a dot or a zero in it, when it is decoded, then it does not read as two', () => {
    const bytes = Buffer.from('000181800001000000000000' + '04612e6200' + '00' + '00010001', 'hex')
    expect(decodeAnswer(bytes).question.name).toBe('a\\046b\\000')
  })

  it('given any bytes, or an answer with any byte changed or cut, when they are decoded, then it is an answer or a RangeError', () => {
    const whole = encodePacket({
      type: 'response',
      id: 1,
      questions: [{ name: '_x._tcp.shop.example', type: 'SRV' }],
      answers: [srv('_x._tcp.shop.example', 'one.shop.example', 80), alias('a.example', 'b.example')],
      authorities: [soa('example', 5)],
      additionals: [a('one.shop.example', '10.0.0.1'), aaaa('one.shop.example', 'fd00::1')],
    })
    const mangled = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length)).map(([at, byte, end]) => {
      const bytes = Buffer.from(whole)
      bytes[at] = byte
      return bytes.subarray(0, end)
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          mangled,
        ),
        (bytes) => {
          try {
            decodeAnswer(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('a name', () => {
  it('given capitals and the dot of the root, when it is read, then there is one spelling', () => {
    expect(normalName('_HTTP._tcp.Orders.Example.')).toBe('_http._tcp.orders.example')
  })

  it.each([
    '',
    '.',
    'a..b',
    'a b',
    'ü.example',
    'a/b',
    'a:80',
    `${'a'.repeat(64)}.b`,
    `${'a.'.repeat(127)}b`,
    7,
    undefined,
  ])('given %j, when it is read, then that is a TypeError', (name) => {
    expect(() => normalName(name)).toThrow(TypeError)
  })
})
