// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import { run } from '@tenon/app'
import { type Endpoint, endpoint, type Fail, type Failure, type Ok, ok } from '@tenon/endpoint'
import {
  adaptiveHeartbeat,
  balanced,
  byPriority,
  checked,
  consistentHash,
  endpointer,
  fixed,
  type Held,
  type Instance,
  type Instancer,
  type Leader,
  type Lock,
  memoryRegistry,
  type NoEndpoints,
  type NotHeld,
  type NotRegistered,
  p2c,
  type Registrar,
  type Registry,
  registrarOf,
  snapshot,
} from '../src/index.ts'

/** Are two types the same, as the compiler sees them? */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

// A balanced endpoint has the input, output and failures of what its connections are, and NoEndpoints.
interface Gone extends Failure<'Gone', 'not_found'> {}
declare const one: Endpoint<{ id: string }, number, Gone>
const pool = endpointer(fixed(['h:1']), { connect: (_: Instance) => one })
const place = balanced(pool, p2c())
same<typeof place, Endpoint<{ id: string }, number, Gone | NoEndpoints>>(true)
export const sticky = balanced(pool, consistentHash({ by: (_, input: { id: string }) => input.id }))

// Any instancer, with a memory.
export const warm: Instancer = snapshot(fixed(['h:1']), { file: '/tmp/orders.json' })

// Any instancer, with checks: what a transport gives as a probe fits by its shape.
declare const transport: {
  probe(): (at: { readonly address: string }, options: { readonly signal: AbortSignal }) => Promise<boolean>
}
export const well: Instancer = checked(snapshot(fixed(['h:1']), { file: '/tmp/orders.json' }), {
  probe: transport.probe(),
})
export const standby = balanced(pool, byPriority(consistentHash({ by: (_, input: { id: string }) => input.id })))

// Every registry is a Registry; what it makes runs in an app as it is.
const registry: Registry = memoryRegistry()
const registrar: Registrar = registry.registrar({ service: 'orders', address: 'h:1', heartbeat: adaptiveHeartbeat() })
const leader: Leader = registry.leader('nightly', { lead: async ({ token }) => token + 1n })
export const ended = run({ name: 'shop', services: [leader, registrar] })
const registered = await registrar.registered()
same<typeof registered, Ok<void> | Fail<NotRegistered>>(true)

// What the work answers, or why it was not held.
const lock: Lock = registry.lock('hourly')
const billed = await lock.hold(async (held) => {
  same<typeof held, Held>(true)
  same<typeof held.token, bigint>(true)
  return 'billed'
})
same<typeof billed, Ok<string> | Fail<NotHeld>>(true)
same<Awaited<ReturnType<typeof lock.hold<number>>>, Ok<number> | Fail<NotHeld>>(true)

// A backend's calls may answer anything; only `forgotten` means something.
export const own: Registrar = registrarOf({
  service: 'orders',
  id: 'o-1',
  register: async ({ signal, timeout }) => [signal, timeout],
  deregister: () => Promise.resolve(),
  beat: async () => (Math.random() < 0.5 ? 'forgotten' : undefined),
})
export const nothing = endpoint(() => ok())
