// A gateway of parts: discovery says where, a balancer chooses, a retry goes on to the next instance, a breaker gives up.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { breaker, consecutive, probes } from '@tenon/breaker'
import { balanced, endpointer, memoryRegistry, roundRobin } from '@tenon/discovery'
import { chain, endpoint, type Outcome, ok } from '@tenon/endpoint'
import { constant } from '@tenon/policy'
import { nothingSent, retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import { expect, it } from 'vitest'

const listen = (server: Server, port = 0): Promise<string> =>
  new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
const named = (name: string): Server =>
  createServer(async (req, res) => {
    const body = (await req.toArray()).join('')
    res.writeHead(req.url === '/bad' ? 503 : 200).end(`${name} ${body}`)
  })

it('given instances of which one is dead, when requests with bodies pass, then each reaches one that lives', async () => {
  const [a, b, dead] = [named('a'), named('b'), named('dead')]
  const urls = await Promise.all([a, b, dead].map((server) => listen(server)))
  await new Promise((resolve) => dead.close(resolve))
  const registry = memoryRegistry()
  for (const url of urls) await registry.registrar({ service: 'shop', url }).start()
  await using instances = endpointer(registry.instancer('shop'), {
    connect: ({ url }) => endpoint(async () => ok(url)),
  })
  await using gateway = http.proxy({
    target: balanced(instances, roundRobin()),
    around: retry({ unsent: nothingSent, backoff: constant(1) }),
  })
  await using front = await http.serve([], { routes: { '* /*': gateway } })
  const answers = new Map<string, number>()
  for (let n = 0; n < 12; n++) {
    const answer = await fetch(front.url, { method: 'POST', body: 'order' })
    expect(answer.status).toBe(200)
    const text = await answer.text()
    answers.set(text, (answers.get(text) ?? 0) + 1)
  }
  expect([...answers.keys()].sort()).toEqual(['a order', 'b order'])
  for (const server of [a, b]) server.close()
})

it('given a breaker that is told which answers are bad, when they come, then it opens, and the target is left alone', async () => {
  const target = named('a')
  const url = await listen(target)
  const status = (outcome: Outcome): number =>
    outcome._tag === 'Right' ? (outcome.right as { status: number }).status : 0
  await using gateway = http.proxy({
    url,
    around: chain(
      breaker({
        detector: consecutive({ failures: 3 }),
        recovery: probes({ count: 1, wait: 60_000 }),
        classify: (outcome) => (status(outcome) >= 500 ? 'failure' : undefined),
      }),
    ),
  })
  await using front = await http.serve([], { routes: { '* /*': gateway } })
  const seen: unknown[] = []
  for (let n = 0; n < 5; n++) {
    const answer = await fetch(`${front.url}/bad`)
    seen.push([answer.status, answer.headers.get('content-type')])
    await answer.text()
  }
  const open = [503, 'application/problem+json']
  expect(seen).toEqual([[503, null], [503, null], [503, null], open, open])
  target.close()
})
