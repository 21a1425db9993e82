// One HTTP request to the agent, with a deadline and a signal: for what the `consul` package cannot ask, or cannot be stopped at.
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
  readonly method?: 'GET' | 'PUT'
  /** After `/v1`, its parts encoded. */
  readonly path: string
  readonly query?: readonly (readonly [string, string])[]
  /** JSON. */
  readonly body?: string | undefined
  /** What else is an answer, beside success: 404 where it may be missing. */
  readonly statuses?: readonly number[]
  /** Milliseconds for all of it. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** An answer. */
export interface Answer {
  readonly status: number
  readonly body: string
  /** 0 where there is none, or none that can be. */
  readonly index: number
  /** What the agent itself counts by; `''` where there is none. */
  readonly hash: string
  /** Does whoever answers know of a leader? Without one what it says may be old. */
  readonly led: boolean
  /** Did the agent leave out what our token may not see? */
  readonly filtered: boolean
  /** Does the agent close the connection behind it? */
  readonly closes: boolean
}

/** Bytes of an answer: some hundred thousand instances. More is a mistake somewhere, and would take the memory. */
const limit = 64 * 1024 * 1024

/** A dead peer is noticed after this and some ten seconds, also when nothing is sent. */
const keepAlive = 5_000

/** Connections for these settings; whoever makes them destroys them. */
export const agentOf = ({ tls }: Settings, maxSockets: number): Agent =>
  tls === undefined
    ? new Agent({ maxSockets, keepAlive: true })
    : new SecureAgent({ maxSockets, ...tls, keepAlive: true })

/** Where the API is, without a slash at the end. */
export const apiOf = ({ base }: Settings): string => `${base.origin}${base.pathname === '/' ? '' : base.pathname}/v1`

/** The headers that say in whose name it is asked. */
export function headersOf({ token, namespace }: Settings): Record<string, string> {
  const secret = token()
  return {
    ...(secret !== undefined && { 'x-consul-token': secret }),
    ...(namespace !== undefined && { 'x-consul-namespace': namespace }),
  }
}

function send(
  settings: Settings,
  agent: Agent,
  asked: Asked,
  answered: (response: IncomingMessage) => void,
): ClientRequest {
  const { method = 'GET', path, query = [], body } = asked
  const parts = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const headers = {
    ...headersOf(settings),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  const url = `${apiOf(settings)}${path}${parts.length > 0 ? '?' : ''}${parts.join('&')}`
  const options = { agent, method, headers }
  return settings.base.protocol === 'https:' ? securely(url, options, answered) : plainly(url, options, answered)
}

/** Asks over a connection of `agent`; `seen` is told which. Rejects with a {@link ConsulError}. */
export function ask(settings: Settings, agent: Agent, asked: Asked, seen?: (socket: Socket) => void): Promise<Answer> {
  const { clock, connectTimeout, base } = settings
  const { what, timeout, signal, body, statuses = [] } = asked
  const { origin } = base
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new ConsulError('closed', `${what}: given up`))
    const request = send(settings, agent, asked, (response) => {
      collect(response, what, origin).then(
        (answer) => {
          ended()
          const { status } = answer
          if ((status >= 200 && status <= 299) || statuses.includes(status)) resolve(answer)
          else reject(refusal(what, status, answer.body))
        },
        (error) => fail(error instanceof ConsulError ? error : unreachable(what, origin, error)),
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
    const deadline = clock.at(clock.now() + timeout, () => fail(late(what, origin, timeout)))
    request.on('error', (error) => fail(unreachable(what, origin, error)))
    request.on('socket', (socket: Socket) => {
      seen?.(socket)
      socket.setKeepAlive(true, keepAlive)
      if (!socket.connecting) return
      const patience = Math.min(connectTimeout, timeout)
      connecting = clock.at(clock.now() + patience, () => fail(late(`${what}, connecting`, origin, patience)))
      socket.once('connect', () => connecting?.cancel())
    })
    signal?.addEventListener('abort', abort)
    request.end(body)
  })
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
  const { headers, statusCode = 0 } = response
  const index = Number(headers['x-consul-index'])
  return {
    status: statusCode,
    body: Buffer.concat(chunks).toString(),
    index: Number.isSafeInteger(index) && index > 0 ? index : 0,
    hash: String(headers['x-consul-contenthash'] ?? ''),
    led: headers['x-consul-knownleader'] !== 'false',
    filtered: headers['x-consul-results-filtered-by-acls'] === 'true',
    closes: headers.connection?.toLowerCase() === 'close',
  }
}
