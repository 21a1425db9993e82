// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import { type Endpoint, type Failure, unwrap } from '@tenon/endpoint'
import {
  balanced,
  byPriority,
  checked,
  consistentHash,
  endpointer,
  fixed,
  httpProbe,
  memoryRegistry,
  p2c,
  registrarOf,
  snapshot,
} from '../src/index.ts'

declare const one: Endpoint<{ id: string }, number, Failure<'Gone', 'not_found'>>
const pool = endpointer(fixed(['h:1']), { connect: () => one })
const clients = endpointer(fixed(['h:1']), { connect: () => ({ place: one }) })
const registry = memoryRegistry()
const register = async (): Promise<void> => {}
const calls = { service: 'orders', id: 'o-1', register, deregister: register }
/*1*/ endpointer(fixed(['h:1']), {})
/*2*/ balanced(clients, p2c())
/*3*/ balanced(pool, consistentHash({ by: (_, input: { customer: string }) => input.customer }))
/*4*/ snapshot(fixed(['h:1']), {})
/*5*/ registry.registrar({ address: 'h:1' })
/*6*/ registry.registrar({ service: 'orders', address: 'h:1', heartbeat: 5_000 })
/*7*/ registrarOf({ ...calls, register: () => {} })
/*8*/ registrarOf({ service: 'orders', id: 'o-1', register })
/*9*/ registry.lock('nightly').hold(({ token }) => token + 1)
/*10*/ registry.leader('nightly', { lead: 'me' })
/*11*/ registry.leader('nightly', { leed: () => {} })
/*12*/ unwrap(registry.lock('nightly').hold(() => 'billed')).then((answer: number) => answer)
/*13*/ checked(fixed(['h:1']), {})
/*14*/ checked(fixed(['h:1']), { probe: async () => 'well' })
/*15*/ checked(fixed(['h:1']), { probe: httpProbe(), panic: true })
/*16*/ balanced(pool, byPriority(consistentHash({ by: (_, input: { customer: string }) => input.customer })))
