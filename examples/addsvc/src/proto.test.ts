import { readFileSync } from 'node:fs'
import { grpc } from '@tenon/transport-grpc'
import { expect, it } from 'vitest'
import { Add } from './contract.ts'
import { addProto } from './proto.ts'

it('given the contract, when it is printed, then that is the file that is served and committed', () => {
  expect(grpc.toProto(Add).text).toBe(readFileSync(addProto, 'utf8'))
})
