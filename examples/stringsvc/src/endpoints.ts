// The endpoints: each makes one RPC of one function of the service. What goes around them is decided elsewhere.
import { handler } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { Strings } from './contract.ts'
import { count, uppercase } from './service.ts'

export const endpoints = {
  uppercase: handler(Strings.methods.uppercase, ({ s }) => {
    const v = uppercase(s)
    return v._tag === 'Left' ? v : ok({ v: v.right })
  }),
  count: handler(Strings.methods.count, ({ s }) => ok({ v: count(s) })),
}
