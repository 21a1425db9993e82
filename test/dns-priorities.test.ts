// A standby in DNS (RFC 2782): called when those that are better cannot be reached, by calls that are repeated or by checks.
import { contract, handler, implement, unary } from '@tenon/contract'
import { byPriority, checked, discovered, endpointerOf, type Instancer, tcpProbe } from '@tenon/discovery'
import { dns } from '@tenon/discovery-dns'
import { call, mapMethods, ok } from '@tenon/endpoint'
import { constant } from '@tenon/policy'
import { retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { expect, it, onTestFinished } from 'vitest'
import { a, dnsServer, srv } from '../packages/discovery-dns/test/dns-server.ts'

const Who = contract('shop.v1.Who', { who: unary({ input: t.strict({}), output: t.string, idempotent: true }) })
const name = '_http._tcp.who.example'

const serve = (who: string) =>
  http.serve(implement(Who, { who: handler(Who.methods.who, async () => ok(who)) }), { port: 0, grace: 0 })

/** Two of priority 1, a standby of priority 2, and what is known of them by DNS. */
async function world() {
  const zone = await dnsServer()
  const servers = { one: await serve('one'), two: await serve('two'), standby: await serve('standby') }
  const record = (who: keyof typeof servers, priority: number) =>
    srv(name, 'here.example', Number(new URL(servers[who].url).port), { priority })
  zone.zone.set(`${name} SRV`, {
    answers: [record('one', 1), record('two', 1), record('standby', 2)],
    additionals: [a('here.example', '127.0.0.1')],
  })
  const registry = dns({ servers: [zone.at] })
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]()
    for (const closes of [zone, ...Object.values(servers)]) await closes[Symbol.asyncDispose]()
  })
  return { servers, instances: registry.instancer(name, { atLeast: Number.POSITIVE_INFINITY }) }
}

function client(instances: Instancer) {
  const found = discovered(Who, instances, { connect: ({ url }) => http.client(Who, { url }), balance: byPriority() })
  onTestFinished(() => found[Symbol.asyncDispose]())
  return found
}

it('given the better ones are closed one after the other, when calls are repeated, then the standby answers only for all of them', async () => {
  const { servers, instances } = await world()
  const { who } = mapMethods(client(instances), retry({ attempts: 3, backoff: constant(0) }))
  const answers = async () =>
    new Set(
      await Promise.all(Array.from({ length: 6 }, () => call(who, {}).then((it) => it._tag === 'Right' && it.right))),
    )
  expect(await answers()).toEqual(new Set(['one', 'two']))
  await servers.one[Symbol.asyncDispose]()
  expect(await answers()).toEqual(new Set(['two']))
  await servers.two[Symbol.asyncDispose]()
  expect(await answers()).toEqual(new Set(['standby']))
})

it('given checks, when the better ones are closed, then the standby is called at once, and nothing is repeated', async () => {
  const { servers, instances } = await world()
  await servers.one[Symbol.asyncDispose]()
  await servers.two[Symbol.asyncDispose]()
  const found = client(checked(instances, { probe: tcpProbe() }))
  expect(await endpointerOf(found).ready({ atLeast: 1 })).toEqual(ok(1))
  for (let n = 0; n < 4; n++) expect(await call(found.who, {})).toEqual(ok('standby'))
})
