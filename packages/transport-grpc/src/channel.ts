// Where a client's calls go: one grpc-js channel, or one that somebody else owns.
import { isIPv6 } from 'node:net'
import { Client as Channel, type ChannelOptions, status } from '@grpc/grpc-js'
import { wholeOption } from '@tenon/endpoint'
import { type ClientTls, credentialsOf, handshakeOf } from './credentials.ts'
import { mute } from './mute.ts'

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
  checkAddress(who, address)
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
  const credentials = credentialsOf(who, tls)
  const hangUp = mute(credentials)
  const made = new Channel(address, credentials, settings)
  const { close } = made
  made.close = () => {
    close.call(made)
    hangUp()
  }
  return made
}

/** What has a scheme or a path is a target that grpc-js knows, or somebody's resolver. */
export function checkAddress(who: string, address: unknown): asserts address is string {
  const reads = `${who}: address reads 'host:port'`
  if (address === undefined) throw new TypeError(`${who}: address is missing; it reads 'host:port'`)
  if (typeof address !== 'string' || address === '') throw new TypeError(`${reads} and not ${String(address)}`)
  if (/^https?:\/\//.test(address)) throw new TypeError(`${reads}, without ${address.split('//')[0]}//`)
  // Without a port grpc-js takes 443.
  if (/^[^:/[\]]+$/.test(address) || isIPv6(address.replace(/^\[(.*)\]$/, '$1')))
    throw new TypeError(`${reads}, and ${address} has no port`)
  const [, port] = /^(?:[^:/[\]]+|\[[^\]]*\]):(\d*)$/.exec(address) ?? []
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535))
    throw new TypeError(`${reads}, a port from 1 to 65535, and not ${address}`)
}

/** What to say where there is no connection; `undefined` where there is one. What grpc-js says then is about its insides. */
export function unreached(channel: Channel, code: number, details = ''): string | undefined {
  if (code !== status.UNAVAILABLE || !/^(?:\w+: )?No connection established/.test(details)) return undefined
  const [, last = ''] = /Last error: (?:Error: )?(.*?)(?:\. Resolution note: |$)/s.exec(details) ?? []
  const target = channel
    .getChannel()
    .getTarget()
    .replace(/^dns:(?:\/\/\/)?/, '')
  return `${target} cannot be reached${why(last.trim())}`
}

function why(last: string): string {
  const handshake = handshakeOf(last)
  if (handshake !== undefined) return `: the TLS handshake failed (${handshake})`
  const [code] = /\bE[A-Z]{3,}\b/.exec(last) ?? []
  if (code !== undefined) return ` (${code})`
  if (last.startsWith('Protocol error')) return ': what answers there is no gRPC, unless it wants TLS'
  // The time is when grpc-js heard of it.
  const said = last.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, '')
  if (said === 'Failed to connect') return ': it closed the connection before HTTP/2 began'
  return said === '' || said === 'null' ? '' : ` (${said})`
}
