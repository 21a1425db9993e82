// Calls that are answered at once: most of them by the `consul` package, those that it cannot make by ourselves. All have a
// deadline on our clock, all fail with a `ConsulError`.
import { EventEmitter } from 'node:events'
import Consul from 'consul'
import { type Answer, type Asked, agentOf, apiOf, ask, headersOf } from './ask.ts'
import { ConsulError, late, refusal, unreachable } from './failure.ts'
import type { Settings } from './options.ts'

/** A call. */
export interface Called {
  /** For messages: `registering orders`. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. Default: the registry's `timeout`. */
  readonly timeout?: number | undefined
}

/** What goes into every call of the package, beside what the call says itself. */
export interface Common {
  readonly token?: string
  readonly dc?: string
  readonly ctx: EventEmitter
}

export interface Calls {
  /** A call of the package: `(client, common) => client.kv.get({ key, ...common })`. */
  plain<T>(called: Called, work: (client: Consul, common: Common) => Promise<T>): Promise<T>
  /** A request of our own. */
  raw(called: Called & Omit<Asked, 'timeout'>): Promise<Answer>
  /** Closes all connections. What runs fails, and so does what is asked later. */
  close(): void
}

/** Connections at once: an agent takes 200 of one address, and watches need some. Calls beyond wait, within their time. */
const connections = 32

export function callsOf(settings: Settings): Calls {
  const { clock, base, datacenter, namespace } = settings
  const agent = agentOf(settings, connections)
  const client = new Consul({
    agent,
    // The package's types do not know these.
    ...{ baseUrl: apiOf(settings), headers: namespace === undefined ? {} : { 'x-consul-namespace': namespace } },
  })
  const closing = new AbortController()
  /** What ends the calls that run. */
  const running = new Set<() => void>()

  const refused = ({ what }: Called): Promise<never> =>
    Promise.reject(new ConsulError('closed', `${what}: the registry was disposed`))

  return {
    async plain(called, work) {
      const { what, signal, timeout = settings.timeout } = called
      if (closing.signal.aborted) return refused(called)
      if (signal?.aborted) throw new ConsulError('closed', `${what}: given up`)
      const token = headersOf(settings)['x-consul-token']
      const ctx = new EventEmitter()
      let why: ConsulError | undefined
      const cut = (error: ConsulError): void => {
        why ??= error
        ctx.emit('cancel')
      }
      const abort = (): void => cut(new ConsulError('closed', `${what}: given up`))
      const close = (): void => cut(new ConsulError('closed', `${what}: the registry was disposed`))
      const deadline = clock.at(clock.now() + timeout, () => cut(late(what, base.origin, timeout)))
      signal?.addEventListener('abort', abort)
      running.add(close)
      try {
        return await work(client, {
          ctx,
          ...(token !== undefined && { token }),
          ...(datacenter !== undefined && { dc: datacenter }),
        })
      } catch (error) {
        throw why ?? failureOf(what, base.origin, error)
      } finally {
        deadline.cancel()
        running.delete(close)
        signal?.removeEventListener('abort', abort)
      }
    },
    async raw(called) {
      const { signal, timeout = settings.timeout } = called
      if (closing.signal.aborted) return refused(called)
      const cutting = new AbortController()
      const cut = (): void => cutting.abort()
      signal?.addEventListener('abort', cut)
      running.add(cut)
      if (signal?.aborted) cut()
      try {
        return await ask(settings, agent, { ...called, timeout, signal: cutting.signal })
      } finally {
        running.delete(cut)
        signal?.removeEventListener('abort', cut)
      }
    },
    close() {
      closing.abort()
      for (const cut of [...running]) cut()
      agent.destroy()
    },
  }
}

/** What the package rejects with. */
interface PackageError {
  readonly isResponse?: boolean
  readonly response?: { readonly statusCode?: number; readonly body?: unknown }
}

function failureOf(what: string, origin: string, error: unknown): ConsulError {
  const { isResponse, response } = error as PackageError
  if (!isResponse || response?.statusCode === undefined) return unreachable(what, origin, error)
  const { body } = response
  return refusal(
    what,
    response.statusCode,
    typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body),
  )
}
