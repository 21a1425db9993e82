// Metadata in and out: names, bytes, what may travel, and how much.
import { Metadata } from '@grpc/grpc-js'
import { background, metadata, withMetadata } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { received, sent } from './metadata.ts'

const own = (entries: Readonly<Record<string, string>>) => sent(withMetadata(background(), entries), [], 8_192)

describe('what comes in', () => {
  it('GR-10: given text and bytes, when they are received, then names are lower-case and bytes are base64', () => {
    const raw = new Metadata()
    raw.set('Trace-Id', 'a')
    raw.add('many', '1')
    raw.add('many', '2')
    raw.set('token-bin', Buffer.from([0, 255]))
    expect([...(received(raw, 100) ?? [])]).toEqual([
      ['trace-id', 'a'],
      ['many', '1, 2'],
      ['token-bin', 'AP8='],
    ])
  })

  it('GR-6: given none, when it is received, then it is empty', () => {
    expect(received(new Metadata(), 0)?.size).toBe(0)
  })
})

describe('what goes out', () => {
  it('GR-10: given names in capitals and bytes as base64, when they are sent, then names are lower-case and bytes are bytes', () => {
    const made = own({ 'X-One': 'a', 'token-bin': 'AP8=' }) as Metadata
    expect(made.getMap()).toEqual({ 'x-one': 'a', 'token-bin': Buffer.from([0, 255]) })
  })

  it('given what came in, when a call goes on, then what is allowed passes on and nothing else', () => {
    const ctx = background({
      metadata: metadata([
        ['traceparent', 't'],
        ['authorization', 'secret'],
      ]),
    })
    expect((sent(ctx, ['traceparent'], 8_192) as Metadata).getMap()).toEqual({ traceparent: 't' })
  })

  it.each([
    ['grpc-timeout', '1S'],
    ['content-type', 'x'],
    ['host', 'x'],
    ['te', 'x'],
    [':path', 'x'],
    ['a b', 'x'],
    ['a', 'line\r\nbreak'],
    ['a', 'ünï'],
    ['a-bin', 'no base64!'],
  ])('given %s: %j, when it is sent, then it is an InvalidArgument that names it', (name, value) => {
    expect(own({ [name]: value })).toMatchObject({ _tag: 'InvalidArgument', issues: [{ path: `metadata.${name}` }] })
  })

  it('given more than may be sent, when it is sent, then it is an InvalidArgument, and at the limit it is not', () => {
    const at = (bytes: number) => sent(withMetadata(background(), { a: 'x'.repeat(bytes - 1) }), [], 100)
    expect(at(100)).toBeInstanceOf(Metadata)
    expect(at(101)).toMatchObject({
      _tag: 'InvalidArgument',
      issues: [{ path: 'metadata', expected: 'at most 100 bytes' }],
    })
  })
})
