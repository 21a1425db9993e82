import { call, endpoint, ok } from '@tenon/endpoint'
import { expect, test } from 'vitest'
import { openapi } from './openapi.ts'

test('given an endpoint that succeeds, when it is wrapped, then its output is passed on', async () => {
  const wrapped = openapi()(endpoint(async (name: string) => ok(name)))
  expect(await call(wrapped, 'you')).toEqual(ok('you'))
})
