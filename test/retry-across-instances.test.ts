// Retry, balancer, wires and budget together: who is called again, how often, and that hops do not multiply. Real servers.
import { type ClientOf, contract, failure, handler, implement, unary } from '@tenon/contract'
import {
  balanced,
  byPriority,
  consistentHash,
  discovered,
  endpointer,
  fixed,
  type Instancer,
  instancerOf,
  leastRequests,
  outlierEjection,
  p2c,
  random,
  roundRobin,
  type Strategy,
  slowStart,
  subset,
  weighted,
  zoneAware,
} from '@tenon/discovery'
import { type Context, call, chain, endpoint, fail, mapMethods, ok, subscribe, timeout } from '@tenon/endpoint'
import { type Budget, budget, constant } from '@tenon/policy'
import { nothingSent, retry } from '@tenon/retry'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { describe, expect, it, onTestFinished } from 'vitest'

const Down = failure('Down', 'unavailable')
const Next = contract('shop.next.v1.Next', {
  ask: unary({
    input: t.strict({ sku: t.string }),
    output: t.strict({ from: t.string }),
    failures: [Down],
    idempotent: true,
  }),
  change: unary({ input: t.strict({ sku: t.string }), output: t.strict({ from: t.string }), failures: [Down] }),
})

/** How calls travel. */
type Wire = 'http' | 'grpc'
type Client = ClientOf<typeof Next> & AsyncDisposable

interface Server extends AsyncDisposable {
  readonly address: string
}

/** What reached the instances of one service, in order. */
interface Arrived {
  readonly instance: string
  readonly attempt: string | undefined
}

interface Service {
  readonly instances: Instancer
  readonly arrived: Arrived[]
  readonly servers: readonly Server[]
}

type Answer = (
  instance: string,
  ctx: Context,
  input: { readonly sku: string },
) => Promise<ReturnType<typeof ok<{ from: string }>> | ReturnType<typeof fail<ReturnType<typeof Down>>>>

/** A service of so many servers that all do the same. */
async function service(wire: Wire, count: number, answer: Answer): Promise<Service> {
  const arrived: Arrived[] = []
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, n): Promise<Server> => {
      const id = `i${n}`
      const handle = (input: { readonly sku: string }, ctx: Context) => {
        arrived.push({ instance: id, attempt: ctx.metadata.get('x-attempt') })
        return answer(id, ctx, input)
      }
      const served = implement(Next, {
        ask: handler(Next.methods.ask, handle),
        change: handler(Next.methods.change, handle),
      })
      if (wire === 'grpc') return grpc.serve(served, { grace: 0 })
      const server = await http.serve(served, { port: 0, grace: 0 })
      return { address: new URL(server.url).host, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    }),
  )
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  })
  const instances = fixed(
    servers.map(({ address }, n) => ({ id: `i${n}`, address, tags: ['version=1'], zone: 'a' })),
    { service: 'next' },
  )
  return { instances, arrived, servers }
}

/** A client of all its instances, which repeats. */
function client(
  wire: Wire,
  of: Service,
  options: { readonly balance?: Strategy; readonly budget?: Budget; readonly attempts?: number } = {},
) {
  const { balance = roundRobin(), attempts = 3 } = options
  const found = discovered(Next, of.instances, {
    connect: ({ address, url }): Client =>
      wire === 'grpc' ? grpc.client(Next, { address }) : http.client(Next, { url }),
    balance,
  })
  onTestFinished(() => found[Symbol.asyncDispose]())
  return mapMethods(found, retry({ attempts, backoff: constant(0), ...(options.budget && { budget: options.budget }) }))
}

const down: Answer = async () => fail(Down())
const fine: Answer = async (from) => ok({ from })
const numbers = ({ arrived }: Service) => arrived.map(({ attempt }) => attempt ?? '1')
const places = ({ arrived }: Service) => arrived.map(({ instance }) => instance).sort()

describe.each(['http', 'grpc'] as const)('given instances over %s', (wire) => {
  it('when all fail, then a call is made once to each of three, and tells which attempt it is', async () => {
    const three = await service(wire, 3, down)
    expect(await call(client(wire, three).ask, { sku: 'oak' })).toMatchObject({ left: { _tag: 'Down' } })
    expect(places(three)).toEqual(['i0', 'i1', 'i2'])
    expect(numbers(three)).toEqual(['1', '2', '3'])
  })

  it('when two of three are gone, then every call is answered, by the third', async () => {
    const three = await service(wire, 3, fine)
    const { ask } = client(wire, three)
    await Promise.all(three.servers.slice(0, 2).map((server) => server[Symbol.asyncDispose]()))
    for (let n = 0; n < 9; n++) expect(await call(ask, { sku: 'oak' })).toEqual(ok({ from: 'i2' }))
  })

  it('when what is called is not idempotent, then it is called once', async () => {
    const three = await service(wire, 3, down)
    await call(client(wire, three).change, { sku: 'oak' })
    expect(three.arrived).toHaveLength(1)
  })
})

describe('given instances that all fail, and any strategy', () => {
  const strategies: readonly Strategy[] = [
    roundRobin(),
    random(),
    weighted(),
    leastRequests(),
    p2c(),
    consistentHash({ by: () => 'always the same' }),
    subset({ version: '1' }, p2c()),
    zoneAware({ zone: 'a' }, roundRobin()),
    byPriority(p2c()),
    slowStart(random()),
    outlierEjection(p2c(), { consecutive: 100 }),
    subset({ version: '1' }, outlierEjection(zoneAware({ zone: 'a' }, slowStart(p2c())), { consecutive: 100 })),
  ]
  it.each(strategies.map((strategy) => [strategy.name, strategy] as const))(
    'when %s chooses, then each attempt goes to another instance, call after call',
    async (_, balance) => {
      const four = await service('http', 4, down)
      const { ask } = client('http', four, { balance, attempts: 4, budget: budget({ perSecond: 1_000 }) })
      for (let n = 1; n <= 10; n++) {
        await call(ask, { sku: 'oak' })
        expect(places({ ...four, arrived: four.arrived.slice(-4) })).toEqual(['i0', 'i1', 'i2', 'i3'])
        expect(four.arrived).toHaveLength(4 * n)
      }
    },
  )

  it('when there are more attempts than instances, then each was tried before one is tried again', async () => {
    const two = await service('http', 2, down)
    await call(client('http', two, { attempts: 5 }).ask, { sku: 'oak' })
    expect(two.arrived).toHaveLength(5)
    expect(places({ ...two, arrived: two.arrived.slice(0, 2) })).toEqual(['i0', 'i1'])
  })

  it('when a retry stands within a retry, then only one of them repeats', async () => {
    const four = await service('http', 4, down)
    const { ask } = client('http', four)
    await call(retry({ attempts: 3, backoff: constant(0), idempotent: true })(ask), { sku: 'oak' })
    // The inner one repeats in the first attempt of the outer one: 3 + 1 + 1, and the fifth has nobody new to go to.
    expect(numbers(four)).toEqual(['1', '2', '3', '2', '3'])
    expect(new Set(four.arrived.slice(0, 4).map(({ instance }) => instance)).size).toBe(4)
  })
})

describe.each([
  ['http', 'http', 'http'],
  ['http', 'grpc', 'http'],
  ['grpc', 'http', 'grpc'],
] as const)('given hops that all try three times: %s, then %s, then %s', (first, second, third) => {
  /** A hop whose handler calls the next one, with what it was called with. */
  const through = (wire: Wire, next: Service) => {
    const { ask } = client(wire, next)
    return (_: string, ctx: Context, input: { readonly sku: string }) =>
      call(ask, input, { parent: ctx }) as ReturnType<Answer>
  }

  it('when the last of two fails, then it is called 5 times and not 9', async () => {
    const c = await service(second, 3, down)
    const b = await service(first, 3, through(second, c))
    expect(await call(client(first, b).ask, { sku: 'oak' })).toMatchObject({ left: { _tag: 'Down' } })
    expect(numbers(b)).toEqual(['1', '2', '3'])
    expect(places(b)).toEqual(['i0', 'i1', 'i2'])
    expect(numbers(c)).toEqual(['1', '2', '3', '2', '3'])
    expect(places({ ...c, arrived: c.arrived.slice(0, 3) })).toEqual(['i0', 'i1', 'i2'])
  })

  it('when the last of three fails, then it is called 7 times and not 27', async () => {
    const d = await service(third, 3, down)
    const c = await service(second, 3, through(third, d))
    const b = await service(first, 3, through(second, c))
    await call(client(first, b).ask, { sku: 'oak' })
    expect([b, c, d].map(({ arrived }) => arrived.length)).toEqual([3, 5, 7])
  })

  it('when one instance of each fails, then every call is answered all the same', async () => {
    const sick =
      (answer: Answer): Answer =>
      (id, ctx, input) =>
        id === 'i1' ? down(id, ctx, input) : answer(id, ctx, input)
    const c = await service(second, 3, sick(fine))
    const b = await service(first, 3, sick(through(second, c)))
    const { ask } = client(first, b)
    for (let n = 0; n < 9; n++) expect(await call(ask, { sku: 'oak' })).toMatchObject({ _tag: 'Right' })
  })
})

describe('given a budget', () => {
  it('when everything fails, then what is called carries no more than the budget adds, at each hop and in all', async () => {
    const calls = 200
    const c = await service('http', 3, down)
    const inner = client('http', c, { budget: budget({ share: 0.2, perSecond: 0 }) })
    const b = await service('http', 3, (_, ctx, input) => call(inner.ask, input, { parent: ctx }) as ReturnType<Answer>)
    const { ask } = client('http', b, { budget: budget({ share: 0.2, perSecond: 0 }) })
    for (let n = 0; n < calls; n++) await call(ask, { sku: 'oak' })
    expect(b.arrived).toHaveLength(calls * 1.2)
    // The second hop earns by first attempts only: those of the first hop.
    expect(c.arrived).toHaveLength(calls * 1.2 + calls * 0.2)
  })

  it('when several methods share it, then together they spend it once', async () => {
    const three = await service('http', 3, down)
    const shared = budget({ share: 0, perSecond: 0.5 })
    const exhausted: string[] = []
    using _ = subscribe(
      (event) => void (event.kind === 'retry.exhausted' && exhausted.push(event.why)),
      ['retry.exhausted'],
    )
    const one = client('http', three, { budget: shared })
    const two = client('http', three, { budget: shared })
    for (let n = 0; n < 10; n++) await call(n % 2 === 0 ? one.ask : two.ask, { sku: 'oak' })
    expect(three.arrived).toHaveLength(10 + 5)
    expect(exhausted.filter((why) => why === 'budget').length).toBeGreaterThanOrEqual(7)
  })
})

describe('given instances that cannot be called', () => {
  it('when there is nobody, then also what is not idempotent is tried again, since nothing was sent', async () => {
    const empty = instancerOf({ service: 'next', start: (sink) => sink.set([]) })
    await using pool = endpointer(empty, { connect: ({ url }) => http.client(Next, { url }) })
    const change = balanced(pool, roundRobin(), { endpoint: (to) => to.change, method: Next.methods.change })
    let asked = 0
    const counted = endpoint((input: { readonly sku: string }, ctx) => {
      asked++
      return call(change, input, { parent: ctx })
    })
    const patient = retry({ attempts: 3, backoff: constant(0), unsent: nothingSent })(counted)
    expect(await call(patient, { sku: 'oak' })).toMatchObject({ left: { _tag: 'NoEndpoints', reason: 'empty' } })
    expect(asked).toBe(3)
  })

  it('when all servers of the last hop are gone, then the hop before is called three times, and says why', async () => {
    const c = await service('http', 3, fine)
    await Promise.all(c.servers.map((server) => server[Symbol.asyncDispose]()))
    const inner = client('http', c)
    const b = await service('http', 3, (_, ctx, input) => call(inner.ask, input, { parent: ctx }) as ReturnType<Answer>)
    expect(await call(client('http', b).ask, { sku: 'oak' })).toMatchObject({ left: { code: 'unavailable' } })
    expect(numbers(b)).toEqual(['1', '2', '3'])
  })

  it('when an instance hangs, then the attempt has a limit of its own, and the next goes to another', async () => {
    const three = await service('http', 3, (id, ctx) =>
      id === 'i0'
        ? new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve(fail(Down()))))
        : fine(id, ctx, { sku: '' }),
    )
    const found = discovered(Next, three.instances, { connect: ({ url }) => http.client(Next, { url }) })
    onTestFinished(() => found[Symbol.asyncDispose]())
    const wrapped = mapMethods(
      found,
      chain(retry({ attempts: 2, backoff: constant(0), when: ['unavailable', 'deadline_exceeded'] }), timeout(150)),
    )
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call(wrapped.ask, { sku: 'oak' }, { timeout: 5_000 })),
    )
    for (const answer of answers) expect(answer).toMatchObject({ right: { from: expect.stringMatching(/^i[12]$/) } })
    expect(three.arrived.filter(({ instance }) => instance === 'i0')).toHaveLength(2)
  })
})
