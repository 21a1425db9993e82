// Where a client's calls go: one grpc-js channel, or one that somebody else owns.
import { Client as Channel, type ChannelOptions, credentials, status } from '@grpc/grpc-js'
import { knownOptions, type OptionNames, wholeOption } from '@tenon/endpoint'

/** TLS of a client. `true`: the system's authorities. */
export type ClientTls =
  | true
  | {
      readonly ca?: string | Buffer
      readonly cert?: string | Buffer
      readonly key?: string | Buffer
      /** The name that the server's certificate must have, where it is not that of the address. */
      readonly servername?: string
    }

/** How a client connects. */
export interface ConnectionOptions {
  /** `127.0.0.1:9090`, or any target that grpc-js knows: `dns:///orders:9090`, `ipv4:10.0.0.1:9090,10.0.0.2:9090`. */
  readonly address: string
  /** Default: none, in the clear. */
  readonly tls?: ClientTls
  /** Milliseconds after which a connection on which nothing moves is asked whether it lives. Default: 30,000. */
  readonly keepAlive?: number
  /** Milliseconds that the answer to that may take. Default: 10,000. */
  readonly keepAliveTimeout?: number
}

export function channel(who: string, options: ConnectionOptions, message: number): Channel {
  const { address, tls } = options
  if (typeof address !== 'string' || address === '')
    throw new TypeError(`${who}: address reads 'host:port' and not ${String(address)}`)
  if (/^https?:\/\//.test(address))
    throw new TypeError(`${who}: address reads 'host:port', without ${address.split('//')[0]}//`)
  const keepAlive = wholeOption(`${who}: keepAlive`, options.keepAlive, {
    value: 30_000,
    min: 1_000,
    unit: 'milliseconds',
  })
  const timeout = wholeOption(`${who}: keepAliveTimeout`, options.keepAliveTimeout, {
    value: 10_000,
    min: 1,
    unit: 'milliseconds',
  })
  const settings: ChannelOptions = {
    'grpc.max_receive_message_length': message,
    'grpc.max_send_message_length': message,
    'grpc.keepalive_time_ms': keepAlive,
    'grpc.keepalive_timeout_ms': timeout,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 5_000,
    // Repeating is a policy's decision, and seen there.
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    'grpc.use_local_subchannel_pool': 1,
    ...(typeof tls === 'object' && tls.servername !== undefined && { 'grpc.ssl_target_name_override': tls.servername }),
  }
  return new Channel(address, credentialsOf(who, tls), settings)
}

/** What to say where there is no connection; `undefined` where there is one. What grpc-js says then is about its insides. */
export function unreached(channel: Channel, code: number, details = ''): string | undefined {
  if (code !== status.UNAVAILABLE || !/^(?:\w+: )?No connection established/.test(details)) return undefined
  const [, last = ''] = /Last error: (?:Error: )?(.*?)(?:\. Resolution note: |$)/.exec(details) ?? []
  const [why = last] = /\bE[A-Z]{3,}\b/.exec(last) ?? []
  const target = channel
    .getChannel()
    .getTarget()
    .replace(/^dns:(?:\/\/\/)?/, '')
  return `${target} cannot be reached${why === '' || why === 'null' ? '' : ` (${why})`}`
}

const tlsOptions: OptionNames<Exclude<ClientTls, true>> = { ca: true, cert: true, key: true, servername: true }

function credentialsOf(who: string, tls: ClientTls | undefined): ReturnType<typeof credentials.createSsl> {
  if (tls === undefined) return credentials.createInsecure()
  if (tls === true) return credentials.createSsl()
  if (typeof tls !== 'object' || tls === null)
    throw new TypeError(`${who}: tls is true or an object, not ${String(tls)}`)
  knownOptions(`${who}: tls`, tls, tlsOptions)
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new TypeError(`${who}: tls: cert and key are given together or not at all`)
  const bytes = (text: string | Buffer | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text))
  try {
    return credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert))
  } catch (cause) {
    throw new TypeError(`${who}: tls: ${(cause as Error).message}`, { cause })
  }
}
