// One HTTP connection to the agent, for requests one after the other: a watch sees when it is a new one, because then the
// agent may be a new one too, and what it counted before means nothing.
import { Agent, type ClientRequest, type IncomingMessage, request as plainly } from 'node:http'
import { Agent as SecureAgent, request as securely } from 'node:https'
import type { Socket } from 'node:net'
import type { Timer } from '@tenon/endpoint'
import { ConsulError, late, malformed, refusal, unreachable } from './failure.ts'
import type { Settings } from './options.ts'

/** A request. */
export interface Asked {
  /** For messages: `watching orders`. */
  readonly what: string
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  /** After `/v1`, its parts encoded. */
  readonly path: string
  readonly query?: readonly (readonly [string, string])[]
  readonly body?: string | undefined
  /** Is it an answer that there is none (404)? */
  readonly mayMiss?: boolean
  /** Milliseconds for all of it. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** An answer of success. */
export interface Answer {
  readonly body: string
  /** There is none of what was asked for. */
  readonly missing: boolean
  /** 0 where there is none, or none that can be. */
  readonly index: number
  /** Did the agent leave out what our token may not see? */
  readonly filtered: boolean
}

/** Bytes of an answer: some hundred thousand instances. More is a mistake somewhere, and would take the memory. */
const limit = 64 * 1024 * 1024

/** A dead peer is noticed after this and some ten seconds, also when nothing is sent. */
const keepAlive = 5_000

/** One connection. Close it. */
export interface Line {
  /** Is the connection of the last request still there? */
  readonly open: boolean
  ask(asked: Asked): Promise<Answer>
  /** The next request goes over a new connection. One that runs fails. */
  close(): void
}

/** Node's agents for these settings; whoever makes one destroys it. */
export const agentOf = ({ tls }: Settings, options: { readonly maxSockets?: number }): Agent =>
  tls === undefined
    ? new Agent({ ...options, keepAlive: true })
    : new SecureAgent({ ...options, ...tls, keepAlive: true })

/** The headers of every request. */
export function headersOf({ token, namespace }: Settings): Record<string, string> {
  const secret = token()
  return {
    ...(secret !== undefined && { 'x-consul-token': secret }),
    ...(namespace !== undefined && { 'x-consul-namespace': namespace }),
  }
}

/** A line that connects with its first request. */
export function lineTo(settings: Settings): Line {
  const { base, clock, connectTimeout } = settings
  let agent = agentOf(settings, { maxSockets: 1 })
  let socket: Socket | undefined
  /** The agent said that it would close it: that tells nothing of the agent. */
  let dismissed = false

  const send = (asked: Asked, answered: (response: IncomingMessage) => void): ClientRequest => {
    const { method = 'GET', path, query = [], body } = asked
    const parts = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    const options = {
      agent,
      method,
      headers: {
        ...headersOf(settings),
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    }
    const url = `${base.origin}${base.pathname === '/' ? '' : base.pathname}/v1${path}${parts.length ? '?' : ''}${parts.join('&')}`
    return base.protocol === 'https:' ? securely(url, options, answered) : plainly(url, options, answered)
  }

  return {
    get open() {
      return dismissed || (socket !== undefined && !socket.destroyed)
    },
    ask(asked) {
      const { what, timeout, signal, body, mayMiss = false } = asked
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(new ConsulError('closed', `${what}: given up`))
        const request = send(asked, (response) => {
          collect(response, what, base.origin).then(
            (answer) => {
              dismissed = response.headers.connection?.toLowerCase() === 'close'
              ended()
              const { statusCode: status = 0 } = response
              if ((status < 200 || status > 299) && !(answer.missing && mayMiss))
                reject(refusal(what, status, answer.body))
              else resolve(answer)
            },
            (error) => fail(error instanceof ConsulError ? error : unreachable(what, base.origin, error)),
          )
        })
        let connecting: Timer | undefined
        const ended = (): void => {
          deadline.cancel()
          connecting?.cancel()
          signal?.removeEventListener('abort', abort)
        }
        const fail = (error: ConsulError): void => {
          ended()
          request.destroy()
          reject(error)
        }
        const abort = (): void => fail(new ConsulError('closed', `${what}: given up`))
        const deadline = clock.at(clock.now() + timeout, () => fail(late(what, base.origin, timeout)))
        request.on('error', (error) => fail(unreachable(what, base.origin, error)))
        request.on('socket', (given: Socket) => {
          socket = given
          given.setKeepAlive(true, keepAlive)
          if (!given.connecting) return
          const patience = Math.min(connectTimeout, timeout)
          connecting = clock.at(clock.now() + patience, () => fail(late(`${what}, connecting`, base.origin, patience)))
          given.once('connect', () => connecting?.cancel())
        })
        signal?.addEventListener('abort', abort)
        request.end(body)
      })
    },
    close() {
      agent.destroy()
      socket = undefined
      dismissed = false
      agent = agentOf(settings, { maxSockets: 1 })
    },
  }
}

/** All of an answer, or why it broke off. */
async function collect(response: IncomingMessage, what: string, origin: string): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw malformed(what, origin, `more than ${limit} bytes`)
    chunks.push(chunk)
  }
  const index = Number(response.headers['x-consul-index'])
  return {
    body: Buffer.concat(chunks).toString(),
    missing: response.statusCode === 404,
    index: Number.isSafeInteger(index) && index > 0 ? index : 0,
    filtered: response.headers['x-consul-results-filtered-by-acls'] === 'true',
  }
}
