import { health } from '@tenon/app'
import {
  adaptiveThrottle,
  breaker,
  circuit,
  consecutive,
  dynamic,
  errorRate,
  inARow,
  latency,
  probes,
  ratio,
  ruleTable,
  sequential,
  sequentialProbes,
  slowCalls,
} from '@tenon/breaker'
import { opossum } from '@tenon/breaker-opossum'
import { contract, implement, openapi, unary } from '@tenon/contract'
import {
  balanced,
  byPriority,
  checked,
  consistentHash,
  discovered,
  endpointer,
  fixed,
  httpProbe,
  instancerOf,
  outlierEjection,
  p2c,
  polling,
  roundRobin,
  slowStart,
  subset,
  tcpProbe,
  zoneAware,
} from '@tenon/discovery'
import { consul, grpcCheck, httpCheck, tcpCheck, ttl } from '@tenon/discovery-consul'
import { dns } from '@tenon/discovery-dns'
import { etcd } from '@tenon/discovery-etcd'
import { endpoint, ok, streamTimeout, timeout } from '@tenon/endpoint'
import {
  adaptiveRate,
  aimd,
  bbr,
  concurrency,
  gradient,
  leaky,
  limit,
  shed,
  slidingWindow,
  tokenBucket,
  vegas,
} from '@tenon/limiter'
import { metrics } from '@tenon/metrics'
import { openapiPage } from '@tenon/openapi-page'
import { budget, countWindow, ewma, exponential, keyed, timeWindow } from '@tenon/policy'
import { retry } from '@tenon/retry'
import { grpc } from '@tenon/transport-grpc'
import { http, jsonrpc } from '@tenon/transport-http'
import { memory, wire } from '@tenon/transport-memory'
import { nats } from '@tenon/transport-nats'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'

const Echo = contract('test.v1.Echo', { say: unary({ input: t.strict({}), output: t.strict({}) }) })
const say = endpoint(() => ok({}))
const served = implement(Echo, { say })
const steps = { decode: () => ok({}), encode: () => ({}) }
const url = 'http://127.0.0.1:1'
const instances = fixed(['127.0.0.1:1'], { service: 'echo' })
const connect = () => ({ say, [Symbol.asyncDispose]: async () => {} })

// What takes options, with all that it needs and one name too many.
const takers: Record<string, (more: object) => unknown> = {
  concurrency: (more) => concurrency({ limit: 1, ...more }),
  'concurrency: shares': (more) => concurrency({ limit: 1, shares: more }),
  adaptiveRate: (more) => adaptiveRate({ perSecond: 1, ...more }),
  aimd: (more) => aimd(more),
  bbr: (more) => bbr(more),
  gradient: (more) => gradient(more),
  shed: (more) => shed(more),
  vegas: (more) => vegas(more),
  limit: (more) => limit(tokenBucket({ perSecond: 1 }), more),
  tokenBucket: (more) => tokenBucket({ perSecond: 1, ...more }),
  slidingWindow: (more) => slidingWindow({ limit: 1, ...more }),
  leaky: (more) => leaky({ perSecond: 1, ...more }),
  'http.serve': (more) => http.serve(served, more),
  'http.serve: tls': (more) => http.serve(served, { tls: { cert: '', key: '', ...more } }),
  'http.serve: cors': (more) => http.serve(served, { cors: { origins: '*', ...more } }),
  'http.server': (more) => http.server(say, { decode: steps.decode, ...more }),
  'http.client': (more) => http.client({ url, ...steps, ...more }),
  'http.client of test.v1.Echo': (more) => http.client(Echo, { url, ...more }),
  'http.client of test.v1.Echo: tls': (more) => http.client(Echo, { url: 'https://localhost', tls: more }),
  'http.client of test.v1.Echo: resume': (more) => http.client(Echo, { url, resume: more }),
  'http.client of test.v1.Echo: limits': (more) => http.client(Echo, { url, limits: more }),
  'http.proxy': (more) => http.proxy({ url, ...more }),
  'jsonrpc.server': (more) => jsonrpc.server(served, more),
  'jsonrpc.client': (more) => jsonrpc.client({ url, method: 'say', ...more }),
  'jsonrpc.client of test.v1.Echo': (more) => jsonrpc.client(Echo, { url, ...more }),
  'jsonrpc.notifier': (more) => jsonrpc.notifier({ url, method: 'say', ...more }),
  'grpc.serve': (more) => grpc.serve(served, more),
  'grpc.serve: tls': (more) => grpc.serve(served, { tls: { cert: '', key: '', ...more } }),
  'grpc.serve: health': (more) => grpc.serve(served, { health: more }),
  'grpc.server': (more) => grpc.server(say, { ...steps, ...more }),
  'grpc.client of test.v1.Echo: tls': (more) => grpc.client(Echo, { address: '127.0.0.1:1', tls: more }),
  'grpc.client of test.v1.Echo': (more) => grpc.client(Echo, { address: '127.0.0.1:1', ...more }),
  'nats.serve': (more) => nats.serve(served, more as never),
  'nats.server': (more) => nats.server(say, { subject: 'say', ...steps, ...more } as never),
  'nats.client': (more) => nats.client({ subject: 'say', ...steps, ...more } as never),
  'nats.client of test.v1.Echo': (more) => nats.client(Echo, more as never),
  'nats.consume of test.v1.Echo': (more) => nats.consume(Echo, {}, more as never),
  'memory.serve': (more) => memory.serve(served, { wire: wire('a'), ...more }),
  'memory.client': (more) => memory.client(Echo, { wire: wire('a'), ...more }),
  'discovered test.v1.Echo': (more) => discovered(Echo, instances, { connect, ...more }),
  'endpointer of echo': (more) => endpointer(instances, { connect, ...more }),
  fixed: (more) => fixed([], more),
  balanced: (more) => balanced(endpointer(instances, { connect }), roundRobin(), { endpoint: (to) => to.say, ...more }),
  'instancer of echo': (more) => instancerOf({ service: 'echo', start: () => {}, ...more }),
  dns: (more) => dns(more),
  'dns: refresh': (more) => dns({ refresh: more }),
  'instancer of orders.example': (more) => dns().instancer('orders.example', more),
  byPriority: (more) => byPriority(roundRobin(), more),
  'checked echo': (more) => checked(instances, { probe: tcpProbe(), ...more }),
  httpProbe: (more) => httpProbe(more),
  tcpProbe: (more) => tcpProbe(more),
  'grpc.probe': (more) => grpc.probe(more),
  p2c: (more) => p2c(more),
  'polling of orders': (more) => polling({ service: 'orders', ask: () => [], ...more }),
  consistentHash: (more) => consistentHash({ by: () => 'key', ...more }),
  subset: (more) => subset({}, roundRobin(), more),
  zoneAware: (more) => zoneAware({ zone: 'a', ...more }),
  slowStart: (more) => slowStart(roundRobin(), more),
  outlierEjection: (more) => outlierEjection(roundRobin(), more),
  'outlierEjection.successRate': (more) => outlierEjection(roundRobin(), { successRate: more }),
  'outlierEjection.latency': (more) => outlierEjection(roundRobin(), { latency: more }),
  consul: (more) => consul(more),
  'consul: tls': (more) => consul({ url: 'https://localhost', tls: more }),
  'instancer of orders': (more) => consul().instancer('orders', more),
  'registrar of orders': (more) => consul().registrar({ service: 'orders', url, ...more }),
  'lock orders': (more) => consul().lock('orders', more),
  'leader orders': (more) => consul().leader('orders', more),
  'kv orders': (more) => consul().kv('orders', t.string, more),
  etcd: (more) => etcd(more),
  'etcd: auth': (more) => etcd({ auth: { user: 'me', password: 'x', ...more } }),
  'etcd: tls': (more) => etcd({ endpoints: 'https://localhost', tls: more }),
  'instancer of stock': (more) => etcd().instancer('stock', more),
  'registrar of stock': (more) => etcd().registrar({ service: 'stock', url, ...more }),
  'lock stock': (more) => etcd().lock('stock', more),
  'leader stock': (more) => etcd().leader('stock', more),
  'kv stock': (more) => etcd().kv('stock', t.string, more),
  ttl: (more) => ttl(more),
  httpCheck: (more) => httpCheck(more),
  grpcCheck: (more) => grpcCheck(more),
  tcpCheck: (more) => tcpCheck(more),
  retry: (more) => retry(more),
  breaker: (more) => breaker(more),
  circuit: (more) => circuit(more),
  consecutive: (more) => consecutive(more),
  ratio: (more) => ratio(more),
  probes: (more) => probes(more),
  sequential: (more) => sequential(more),
  sequentialProbes: (more) => sequentialProbes(more),
  slowCalls: (more) => slowCalls(more),
  errorRate: (more) => errorRate({ perSecond: 5, ...more }),
  latency: (more) => latency(more),
  adaptiveThrottle: (more) => adaptiveThrottle(more),
  inARow: (more) => inARow(ratio(), more),
  dynamic: (more) => dynamic(() => ratio(), more),
  ruleTable: (more) => ruleTable({ path: () => '/', dependency: () => 'a', rules: [], ...more }),
  opossum: (more) => opossum(more),
  'breaker.swap': (more) => breaker().swap(more),
  budget: (more) => budget(more),
  exponential: (more) => exponential({ from: 10, ...more }),
  keyed: (more) => keyed({ make: () => 1, ...more }),
  countWindow: (more) => countWindow({ size: 10, ...more }),
  timeWindow: (more) => timeWindow({ window: 1_000, ...more }),
  ewma: (more) => ewma({ timeConstant: 10, ...more }),
  timeout: (more) => timeout(10, more),
  streamTimeout: (more) => streamTimeout({ first: 10, ...more }),
  metrics: (more) => metrics(more),
  red: (more) => metrics().red({ side: 'server', ...more }),
  health: (more) => health({ port: 0, ...more }),
  openapi: (more) => openapi(Echo, more),
  openapiPage: (more) => openapiPage(more),
}

describe('an option that there is not', () => {
  it.each(Object.entries(takers))('%s refuses it, and names those that there are', async (who, make) => {
    // Some throw, some reject.
    const made = Promise.resolve().then(() => make({ attempt: 2 }))
    await expect(made).rejects.toBeInstanceOf(TypeError)
    await expect(made).rejects.toThrow(`${who}: there is no option "attempt"; there are `)
  })
})
