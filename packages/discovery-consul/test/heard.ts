// What a test needs of an instancer, and of an agent behind our back.
import type { Instance, Instancer, InstanceState } from '@tenon/discovery'
import { expect } from 'vitest'

/** Milliseconds that a real server has for what takes it a few, on a machine that is busy. */
export const patience = 15_000

/** A subscriber that remembers. */
export interface Hearer extends Disposable {
  readonly states: readonly InstanceState[]
  /** The last one. */
  readonly state: InstanceState
  /** Waits until the last state is like this, and answers it. */
  until(like: (state: InstanceState) => boolean): Promise<InstanceState>
  /** Waits for a set of these ids, without an error. */
  ids(...ids: readonly string[]): Promise<readonly Instance[]>
}

/** Subscribes. Dispose it to leave. */
export function hear(instancer: Instancer): Hearer {
  const states: InstanceState[] = []
  const looking = new Set<() => void>()
  const subscription = instancer.subscribe((state) => {
    states.push(state)
    for (const look of looking) look()
  })
  const last = (): InstanceState => states.at(-1) as InstanceState
  const until: Hearer['until'] = async (like) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (like(last())) resolve()
    }
    looking.add(look)
    const late = setTimeout(resolve, patience)
    look()
    await promise
    clearTimeout(late)
    looking.delete(look)
    if (!like(last())) throw new Error(`not within ${patience} ms; the last state is ${show(last())}`)
    return last()
  }
  return {
    states,
    get state() {
      return last()
    },
    until,
    async ids(...ids) {
      const { instances } = await until(
        (state) => state.error === undefined && String(state.instances?.map(({ id }) => id)) === String(ids),
      )
      return instances as readonly Instance[]
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

const show = ({ instances, error }: InstanceState): string =>
  `${instances === undefined ? 'unknown' : `[${instances.map(({ id }) => id)}]`}, error ${error}`

/** What the agent at `url` is told: a PUT, its JSON, and what it answers. */
export async function tell(url: string, path: string, body?: unknown, token = ''): Promise<unknown> {
  const answer = await fetch(`${url}/v1${path}`, {
    method: 'PUT',
    headers: { 'x-consul-token': token },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  expect(answer.status, `${path}: ${text}`).toBe(200)
  return text === '' ? undefined : JSON.parse(text)
}

/** What the agent at `url` answers. */
export const ask = async (url: string, path: string): Promise<unknown> => (await fetch(`${url}/v1${path}`)).json()

/** Stops a server, and waits until it is: a signal takes a moment to reach all threads. */
export async function hang(server: { readonly url: string; stop(): void }): Promise<void> {
  server.stop()
  for (let answers = true; answers; )
    answers = await fetch(`${server.url}/v1/status/leader`, { signal: AbortSignal.timeout(100) }).then(
      () => true,
      () => false,
    )
}

let names = 0

/** A name that no other test uses. */
export const fresh = (name: string): string => `${name}-${process.pid}-${++names}`
