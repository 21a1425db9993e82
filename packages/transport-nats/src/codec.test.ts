import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { decodeJsonAs } from './codec.ts'

it('given keys that the codec does not know, when a body is read, then they are refused by name, or dropped where that is asked for', () => {
  const body = Buffer.from('{"s":"a","extra":1}')
  const codec = t.strict({ s: t.string })
  expect(decodeJsonAs(codec)({ body })).toMatchObject({ left: { issues: [{ path: 'extra' }] } })
  expect(decodeJsonAs(codec, { unknownKeys: 'strip' })({ body })).toEqual({ _tag: 'Right', right: { s: 'a' } })
})
