// Each numbered line must not compile, and its message must name the culprit. Checked by test/promised-types.test.ts; the messages
// stand in mistakes.txt.
import * as t from 'io-ts'
import { etcd } from '../src/index.ts'

const registry = etcd()
const limits = registry.kv('limits', t.strict({ rate: t.number }))
/*1*/ etcd({ endpoint: 'http://10.0.0.7:2379' })
/*2*/ etcd({ auth: { user: 'me' } })
/*3*/ registry.registrar({ address: '10.0.0.7:80' })
/*4*/ registry.registrar({ service: 'orders', address: '10.0.0.7:80', ttl: '15s' })
/*5*/ registry.instancer('orders', { decode: (value) => value.length })
/*6*/ registry.lock('job', { lead: () => undefined })
/*7*/ limits.put({ rate: '10' })
/*8*/ limits.cas({ rate: 10 })
