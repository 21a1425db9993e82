// What must compile, with exactly these types. Checked by test/promised-types.test.ts.
import type { KvConflict, KvEntry, KvInvalid, KvState, NotHeld, Registrar, Registry } from '@tenon/discovery'
import type { Fail, Failure, Ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { type EtcdError, type EtcdRegistry, etcd } from '../src/index.ts'

/** Are two types the same, as the compiler sees them? */
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => undefined

// It is a registry like any other, and a program may be given any.
const registry = etcd({ endpoints: ['http://10.0.0.7:2379'], auth: { user: 'me', password: 'secret' }, timeout: 1_000 })
same<typeof registry, EtcdRegistry>(true)
export const any: Registry = registry

export const registrar: Registrar = registry.registrar({
  service: 'orders',
  address: '10.0.0.7:80',
  ttl: 10_000,
  encode: ({ url }) => url,
})

// A value may be one instance or several.
registry.instancer('orders', { decode: (value) => value, coalesce: 10 })
registry.instancer('orders', { decode: (value, { id }) => [{ id, address: value }], protectEmpty: 1_000 })

// What the work answers, or why it was not held.
const held = await registry.lock('job').hold(({ token }) => token)
same<typeof held, Ok<bigint> | Fail<NotHeld>>(true)

// A key knows its type from its codec, and names all that it fails with.
const limits = registry.kv('limits', t.strict({ rate: t.number }))
type Limits = { rate: number }
const found = await limits.get()
same<typeof found, Ok<KvEntry<Limits> | undefined> | Fail<EtcdError | KvInvalid>>(true)
const changed = await limits.cas({ rate: 1 }, 7)
same<typeof changed, Ok<void> | Fail<EtcdError | KvInvalid | KvConflict>>(true)
limits.watch((state) => same<typeof state, KvState<Limits, EtcdError>>(true))
const text = await registry.kv('motd').get()
same<typeof text, Ok<KvEntry<string> | undefined> | Fail<EtcdError | KvInvalid>>(true)

// An error of etcd is a failure, too.
export const failure = (error: EtcdError): Failure<'EtcdError'> => error
