// One service as its callers see it: a real endpointer and balancer over instances that live in this process.
import { balanced, endpointer, type Instancer, type InstanceState, roundRobin } from '@tenon/discovery'
import { call, type Endpoint, endpoint, type Failure, fail, ok } from '@tenon/endpoint'
import type { Entry } from './backend.ts'

/** The processes that instances stand for: those that run. */
export type World = ReadonlySet<string>

/** Milliseconds until what should come is taken for lost. */
const usual = 20_000

/** One service that is watched and called. */
export interface Watched extends AsyncDisposable {
  readonly service: string
  /** What is known at the moment. */
  readonly now: InstanceState
  /** Its ids, in their order; `undefined` while nothing is known. */
  ids(): readonly string[] | undefined
  /** All that was told, in order. */
  readonly told: readonly Told[]
  readonly call: Endpoint<undefined, string, Failure>
  /** When it was first told what holds here, from `since` on. Rejects with what was told instead, when nothing comes. */
  until(holds: (state: InstanceState) => boolean, since?: number, patience?: number): Promise<number>
}

/** A state, and when it was told: a time of `performance.now()`. */
export interface Told extends InstanceState {
  readonly at: number
}

/** Watches a service, connects to all its instances and balances over them. */
export function watched(instancer: Instancer, world: World): Watched {
  const { service } = instancer
  const told: Told[] = []
  const waiting = new Set<() => void>()
  const subscription = instancer.subscribe((state) => {
    told.push({ ...state, at: performance.now() })
    for (const look of [...waiting]) look()
  })
  const instances = endpointer(instancer, {
    connect: ({ address }) =>
      endpoint(async (_: undefined) => (world.has(address) ? ok(address) : fail(nobody(address)))),
  })
  const now = (): InstanceState => told.at(-1) ?? { instances: undefined, error: undefined }
  return {
    service,
    told,
    get now() {
      return now()
    },
    ids: () => now().instances?.map(({ id }) => id),
    call: balanced(instances, roundRobin()),
    until: (holds, since = 0, patience = usual) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`${service}: it did not come to that in ${patience} ms: ${describe(now())}`))
        }, patience)
        const look = (): void => {
          const found =
            told.find((state) => state.at >= since && holds(state)) ?? (holds(now()) ? told.at(-1) : undefined)
          if (found === undefined) return
          waiting.delete(look)
          clearTimeout(late)
          resolve(Math.max(found.at, since))
        }
        waiting.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]()
      await instances[Symbol.asyncDispose]()
      await instancer[Symbol.asyncDispose]()
    },
  }
}

const nobody = (address: string): Failure => ({
  _tag: 'NobodyThere',
  code: 'unavailable',
  message: `nobody is at ${address}`,
})

export const addressOf = ({ host, port }: Entry): string => `${host}:${port}`

/** A state in words. */
export const describe = ({ instances, error }: InstanceState): string =>
  `${instances === undefined ? 'nothing is known' : instances.length === 1 ? 'one instance' : `${instances.length} instances`}${error === undefined ? '' : `, with ${error}`}`

/** What callers felt. */
export interface Felt {
  readonly asked: number
  /** By the failure's tag, and its reason where it has one. */
  readonly failed: Readonly<Record<string, number>>
}

/** Calls the services one after the other, every `every` milliseconds, until it is stopped. */
export function steadily(services: readonly Watched[], every = 2): { stop(): Promise<Felt> } {
  const failed: Record<string, number> = {}
  const running = new Set<Promise<void>>()
  let asked = 0
  const one = async (service: Watched): Promise<void> => {
    const outcome = await call(service.call, undefined)
    if (outcome._tag === 'Right') return
    const { _tag, reason } = outcome.left as Failure & { readonly reason?: string }
    const kind = reason === undefined ? _tag : `${_tag} (${reason})`
    failed[kind] = (failed[kind] ?? 0) + 1
  }
  const timer = setInterval(() => {
    const calling = one(services[asked++ % services.length] as Watched).finally(() => running.delete(calling))
    running.add(calling)
  }, every)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(running)
      return { asked, failed }
    },
  }
}
