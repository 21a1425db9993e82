// Calls to a set of instances in simulated time: the real endpointer and the real strategy, answers as the test says.
import {
  background,
  endpoint,
  type Failure,
  fail,
  type Outcome,
  ok,
  type Telemetry,
  withAttempt,
} from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import {
  endpointer,
  type InstanceFields,
  type InstanceSink,
  instancerOf,
  type Node,
  type Strategy,
} from '../src/index.ts'
import { untried } from '../src/untried.ts'

/** Ids `a`, `b`, ... or `i0`, `i1`, ... as instances. */
export const instances = (ids: Iterable<string>, more: Partial<InstanceFields> = {}): InstanceFields[] =>
  Array.from(ids, (id) => ({ id, address: `${id}:1`, ...more }))
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `i${String(at).padStart(5, '0')}`)

export const failing = (code: Failure['code'] = 'unavailable', _tag = 'Down'): Outcome =>
  fail({ _tag, code, message: '' })

/** What an instance does with a call. */
export interface Answer {
  readonly ms: number
  readonly outcome?: Outcome
}

export function simulated<A = unknown>(strategy: Strategy<A>, first: Iterable<InstanceFields> = []) {
  const clock = virtualClock(1_000)
  const events: Telemetry[] = []
  let sink: InstanceSink | undefined
  const pool = endpointer(
    instancerOf({
      service: 'orders',
      start(given) {
        sink = given
        given.set(first)
      },
      onTelemetry: () => {},
    }),
    { connect: ({ id }) => endpoint(() => ok(id)), clock, onTelemetry: (event) => events.push(event) },
  )
  const balancer = pool.balancer(strategy)
  const ctx = background({ clock })

  /** Starts a call; `undefined` when there is nobody. */
  function open(
    input?: A,
    tried?: Set<string>,
  ): { readonly node: Node; readonly close: (outcome?: Outcome) => void } | undefined {
    const nodes = pool.nodes()
    const call = tried === undefined ? ctx : withAttempt(ctx, { number: 1, tried })
    const node = nodes[untried(balancer, nodes, call, input as A)]
    if (node === undefined) return undefined
    const from = clock.now()
    tried?.add(node.id)
    balancer.started?.(node, from)
    node.enter()
    return {
      node,
      close(outcome = ok()) {
        node.leave()
        balancer.ended?.(node, outcome, clock.now() - from, clock.now())
      },
    }
  }

  /** One call that takes no time: where it went. */
  function once(input?: A, outcome?: Outcome): string | undefined {
    const call = open(input)
    call?.close(outcome)
    return call?.node.id
  }

  return {
    clock,
    events,
    pool,
    open,
    once,
    set: (list: Iterable<InstanceFields>) => sink?.set(list),
    /** So many calls, one after the other, that take no time: how many went where. */
    spread(calls: number, input: (n: number) => A = () => undefined as A): Record<string, number> {
      const counts: Record<string, number> = {}
      for (let n = 0; n < calls; n++) {
        const id = once(input(n)) ?? 'nobody'
        counts[id] = (counts[id] ?? 0) + 1
      }
      return counts
    },
    /** Calls at random moments, `rate` a second for `ms` milliseconds: how many went where. They may go on after it. */
    load(
      rate: number,
      ms: number,
      answer: (id: string, random: () => number) => Answer,
      seed = 1,
    ): Record<string, number> {
      const random = seeded(seed)
      const counts: Record<string, number> = {}
      const until = clock.now() + ms
      for (;;) {
        const wait = (-Math.log(1 - random()) * 1_000) / rate
        if (clock.now() + wait > until) break
        clock.advanceSync(wait)
        const call = open()
        const id = call?.node.id ?? 'nobody'
        counts[id] = (counts[id] ?? 0) + 1
        if (call === undefined) continue
        const { ms: takes, outcome } = answer(id, random)
        clock.at(clock.now() + takes, () => call.close(outcome))
      }
      clock.advanceSync(Math.max(0, until - clock.now()))
      return counts
    },
  }
}

/** How many a set of counts names. */
export const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)
