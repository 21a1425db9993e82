// One connection to one member of etcd: requests with deadlines and watches that end with it. etcd3 chooses a member by chance for each
// request, has a breaker, no deadlines, and cannot take a request back: here it has one member, no breaker, and all of it.
import { noop } from 'cockatiel'
import { Etcd3, type IKeyValue, type IWatchResponse } from 'etcd3'
import { EtcdError, etcdError } from './etcd-error.ts'
import type { CheckedOptions, Endpoint } from './etcd-options.ts'

/** What the client takes with a request: its deadline, and how it is taken back. */
export type CallOptions = NonNullable<Parameters<Etcd3['kv']['range']>[1]>

/** A request, on the plain clients of etcd3. */
export type Send<T> = (client: Etcd3, options: CallOptions) => Promise<T>

/** What a stream of a watch tells. */
export interface WatchListener {
  readonly data: (response: IWatchResponse) => void
  /** It is over, and tells nothing more. */
  readonly end: (error: EtcdError) => void
}

/** What is to be watched, from which revision on. */
export interface WatchRequest {
  readonly key: Buffer
  readonly range_end?: Buffer
  readonly start_revision: string
}

/** A connection that etcd has answered on, until it breaks. */
export interface Link {
  readonly target: string
  /** Why it broke. */
  readonly broken: EtcdError | undefined
  /** One request. Rejects with an {@link EtcdError}, at the latest after `ms`, or when the link breaks or the signal aborts. */
  call<T>(what: string, ms: number, send: Send<T>, signal?: AbortSignal): Promise<T>
  /** Watches, until it is told to stop or the link breaks. */
  watch(what: string, request: WatchRequest, listener: WatchListener): () => void
  /** Gives it up: everything on it ends with this error. Again is harmless. */
  break(error: EtcdError): void
}

/** A key with its value, as etcd tells it. */
export type KeyValue = IKeyValue

interface Cancellable {
  cancelWithStatus(status: number, details: string): void
}

let made = 0

/** Opens one. Nothing is sent before the first request; `broke` hears once when it is given up. */
export function openLink(options: CheckedOptions, endpoint: Endpoint, broke: (error: EtcdError) => void): Link {
  const client = clientOf(options, endpoint)
  const pending = new Set<(error: EtcdError) => void>()
  let broken: EtcdError | undefined

  return {
    target: endpoint.target,
    get broken() {
      return broken
    },
    call: (what, ms, send, signal) =>
      new Promise((resolve, reject) => {
        let why = broken ?? (signal?.aborted ? takenBack(what) : undefined)
        if (why !== undefined) return reject(why)
        let sent: Cancellable | undefined
        const over = (error: EtcdError): void => {
          why = error
          reject(error)
          sent?.cancelWithStatus(cancelled, 'given up')
        }
        const abort = (): void => over(takenBack(what))
        pending.add(over)
        signal?.addEventListener('abort', abort)
        const interceptor = (given: object, next: (given: object) => Cancellable): Cancellable => {
          sent = next(given)
          // It may have waited for who asks until now.
          if (why !== undefined) setImmediate(() => sent?.cancelWithStatus(cancelled, 'given up'))
          return sent
        }
        // An interceptor is the only way to a request that was sent: nobody waits for the deadline of one that is given up.
        send(client, { deadline: Date.now() + ms, interceptors: [interceptor as never] })
          .then(resolve, (cause) => reject(why ?? etcdError(what, cause)))
          .finally(() => {
            pending.delete(over)
            signal?.removeEventListener('abort', abort)
          })
      }),
    watch(what, request, { data, end }) {
      let stream: Awaited<ReturnType<Etcd3['watchClient']['watch']>> | undefined
      let ended = false
      const close = (): void => {
        ended = true
        pending.delete(over)
        // Only a stream that is still written to counts for etcd3 as one that failed, and costs the others their channels.
        stream?.end()
        stream?.cancel()
      }
      const over = (error: EtcdError): void => {
        if (ended) return
        close()
        end(error)
      }
      if (broken !== undefined) {
        const error = broken
        setImmediate(() => over(error))
        return close
      }
      pending.add(over)
      client.watchClient.watch().then(
        (opened) => {
          stream = opened
            .on('data', (response) => {
              if (!ended) data(response)
            })
            .on('error', (cause) => over(etcdError(what, cause)))
            .on('end', () => over(new EtcdError('unavailable', `${what}: etcd ended the watch`)))
          if (ended) close()
          else stream.write({ create_request: request })
        },
        (cause) => over(etcdError(what, cause)),
      )
      return close
    },
    break(error) {
      if (broken !== undefined) return
      broken = error
      for (const over of [...pending]) over(error)
      client.close()
      broke(error)
    },
  }
}

const cancelled = 1

/** What a request comes to that is not wanted any more. */
export const takenBack = (what: string): EtcdError => new EtcdError('cancelled', `${what}: not wanted any more`)

function clientOf({ auth, tls, timeout }: CheckedOptions, { target, secure }: Endpoint): Etcd3 {
  const bytes = (pem: string | Buffer | undefined): Buffer | undefined => (pem === undefined ? pem : Buffer.from(pem))
  const login = (): CallOptions => ({ deadline: Date.now() + timeout })
  return new Etcd3({
    hosts: `${secure ? 'https' : 'http'}://${target}`,
    ...(auth && { auth: { username: auth.user, password: auth.password, callOptions: login } }),
    ...(tls && {
      credentials: {
        // What is not given is the system's; the types do not say so.
        rootCertificate: bytes(tls.ca) as Buffer,
        ...(tls.cert !== undefined && { certChain: Buffer.from(tls.cert) }),
        ...(tls.key !== undefined && { privateKey: Buffer.from(tls.key) }),
      },
    }),
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: {
      // Channels of equal options share their connection in a process: a broken one must not be handed out again.
      'grpc.primary_user_agent': `tenon-discovery-etcd/${++made}`,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
      'grpc.max_receive_message_length': 64 << 20,
      // A proxy for the web is none for a registry.
      'grpc.enable_http_proxy': 0,
    },
  })
}
