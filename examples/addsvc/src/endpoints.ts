// The endpoints: each is one RPC of one function of the service. What is around them is decided in `layers.ts`.
import { handler } from '@tenon/contract'
import { Add } from './contract.ts'
import { concat, sum } from './service.ts'

export const endpoints = {
  sum: handler(Add.methods.sum, ({ a, b }) => sum(a, b)),
  concat: handler(Add.methods.concat, ({ a, b }) => concat(a, b)),
}
