// Failures as statuses and back, and the bytes beside them, which peers in other languages read.
import { Metadata, status as statusCode } from '@grpc/grpc-js'
import { type Code, codes } from '@tenon/endpoint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf, statusOf } from './status.ts'

const cross = (failure: Parameters<typeof statusOf>[0]): ReturnType<typeof failureOf> =>
  failureOf(statusOf(failure, 'shop.v1.Orders', new Metadata()))

const names = Object.keys(codes) as Code[]

describe('codes', () => {
  it('given every code, when it crosses, then the status is the one of the same name, and it is that code again', () => {
    for (const code of names) {
      const { code: number } = statusOf({ code, message: 'm' }, 'd', new Metadata())
      expect(statusCode[number]).toBe(code.toUpperCase())
      expect(cross({ code, tag: 'T', message: 'm' })).toEqual({ code, tag: 'T', message: 'm', details: undefined })
    }
    expect(new Set(names.map((code) => codes[code].number)).size).toBe(16)
  })

  it('given a status that nobody knows, when it is read, then it is `unknown`', () => {
    expect(failureOf({ code: 99 as never, details: 'm', metadata: new Metadata() })).toEqual({
      code: 'unknown',
      message: 'm',
    })
  })
})

it('given a message with half a character, also by being cut, when it is written, then it is whole', () => {
  for (const message of ['a\ud800', `${'x'.repeat(1_023)}😀`])
    expect(() => encodeURI(statusOf({ code: 'aborted', message }, 'd', new Metadata()).details)).not.toThrow()
})

describe('grpc-status-details-bin', () => {
  it('given a tag, wrong fields and a wait, when it is written, then they are ErrorInfo, BadRequest and RetryInfo', () => {
    const details = { issues: [{ path: 'sku', expected: 'string', actual: 'number' }], retryAfter: 1_500 }
    const { metadata } = statusOf(
      { code: 'unavailable', tag: 'Busy', message: 'm', details },
      'shop.v1.Orders',
      new Metadata(),
    )
    const bytes = metadata.get('grpc-status-details-bin')[0] as Buffer
    // Field 1 code 14, field 2 message; then google.protobuf.Any, written by hand after google/rpc/error_details.proto.
    const any = (type: string, value: Buffer): Buffer => {
      const url = Buffer.from(`type.googleapis.com/google.rpc.${type}`)
      const body = Buffer.concat([Buffer.from([10, url.length]), url, Buffer.from([18, value.length]), value])
      return Buffer.concat([Buffer.from([26, body.length]), body])
    }
    const textField = (number: number, value: string): Buffer =>
      Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), Buffer.from(value)])
    const violation = Buffer.concat([textField(1, 'sku'), textField(2, 'expected string, got number')])
    const expected = Buffer.concat([
      Buffer.from([8, 14]),
      textField(2, 'm'),
      any('ErrorInfo', Buffer.concat([textField(1, 'Busy'), textField(2, 'shop.v1.Orders')])),
      any('BadRequest', Buffer.concat([Buffer.from([10, violation.length]), violation])),
      any('RetryInfo', Buffer.from([10, 8, 8, 1, 16, 0x80, 0xca, 0xb5, 0xee, 0x01])),
    ])
    expect(bytes.subarray(0, expected.length).toString('hex')).toBe(expected.toString('hex'))
  })

  it("given a peer's details without ours, when they are read, then wrong fields and the wait are known", () => {
    const all = statusOf(
      {
        code: 'invalid_argument',
        message: 'm',
        details: {
          issues: [
            { path: 'a', expected: 'b', actual: 'c' },
            { path: 'q', expected: 'b', actual: 'missing' },
            { path: 'x', expected: 'no such field', actual: 'number' },
          ],
          retryAfter: 250,
        },
      },
      'd',
      new Metadata(),
    )
    const bytes = all.metadata.get('grpc-status-details-bin')[0] as Buffer
    const at = bytes.indexOf('type.googleapis.com/google.protobuf.Struct')
    // Without the last Any: its tag, its length (one or two bytes), and the tag and length of its url.
    const cut = bytes.subarray(0, bytes.lastIndexOf(26, at - 3))
    const metadata = new Metadata()
    metadata.set('grpc-status-details-bin', cut)
    expect(failureOf({ ...all, metadata }).details).toEqual({
      issues: [
        { path: 'a', expected: 'expected b, got c', actual: '' },
        { path: 'q', expected: 'expected b, but it is missing', actual: '' },
        { path: 'x', expected: 'no such field', actual: '' },
      ],
      retryAfter: 250,
    })
  })

  it('given a failure without tag and details, when it is written, then there is nothing beside the status', () => {
    expect(statusOf({ code: 'not_found', message: 'm' }, 'd', new Metadata()).metadata.getMap()).toEqual({})
  })

  it('given any details that JSON has, when they cross, then they are equal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.string({ unit: 'grapheme', maxLength: 50 }),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
        (code, message, details) => {
          // Minus zero is no JSON.
          const plain = JSON.parse(JSON.stringify(details))
          const crossed = cross({ code, tag: 'T', message, details: plain })
          expect({ ...crossed, details: crossed.details ?? {} }).toEqual({ code, tag: 'T', message, details: plain })
        },
      ),
      { numRuns: 200, seed: 3 },
    )
  })

  it('given details of megabytes, when they are written, then they are left out, and code, tag and message cross', () => {
    const failed = statusOf(
      { code: 'aborted', tag: 'T', message: 'x'.repeat(1e6), details: { a: 'y'.repeat(1e6) } },
      'd',
      new Metadata(),
    )
    expect((failed.metadata.get('grpc-status-details-bin')[0] as Buffer).length).toBeLessThan(6_200)
    const read = failureOf(failed)
    expect(read).toMatchObject({ code: 'aborted', tag: 'T' })
    expect(read.message).toMatch(/^x{1024}…$/)
  })

  it('given any bytes from anybody, when they are read, then it does not throw, and the status says what it says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const metadata = new Metadata()
        metadata.set('grpc-status-details-bin', Buffer.from(bytes))
        expect(failureOf({ code: 5, details: 'm', metadata })).toMatchObject({ code: 'not_found' })
      }),
      { numRuns: 300, seed: 5 },
    )
  })

  it('given details of another code, when they are read, then they do not count', () => {
    const { metadata } = statusOf({ code: 'not_found', tag: 'T', message: 'm' }, 'd', new Metadata())
    expect(failureOf({ code: 13, details: 'other', metadata })).toEqual({ code: 'internal', message: 'other' })
  })
})
