// TLS of a client, as grpc-js wants it. Its handshakes are watched: it asks for an address by name, which no server may be asked
// for (RFC 6066, 3) and Node warns of, and what it says of one that failed is of several lines.
import { isIP } from 'node:net'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { knownOptions, type OptionNames } from '@tenon/endpoint'

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

const tlsOptions: OptionNames<Exclude<ClientTls, true>> = { ca: true, cert: true, key: true, servername: true }

/** @throws TypeError for what is no such option, and for certificates that are none. */
export function credentialsOf(who: string, tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  if (tls === true) return watched(credentials.createSsl())
  if (typeof tls !== 'object' || tls === null)
    throw new TypeError(`${who}: tls is true or an object, not ${String(tls)}`)
  knownOptions(`${who}: tls`, tls, tlsOptions)
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new TypeError(`${who}: tls: cert and key are given together or not at all`)
  const bytes = (text: string | Buffer | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text))
  try {
    return watched(credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert)))
  } catch (cause) {
    throw new TypeError(`${who}: tls: ${(cause as Error).message}`, { cause })
  }
}

/** Not part of grpc-js's interface: where it is absent, an address is asked for as before. */
interface Inside {
  readonly connectionOptions?: { servername?: string }
}

const failed = 'TLS handshake: '

/** Why a handshake failed, where that is what grpc-js tells of: a code of Node or OpenSSL. */
export const handshakeOf = (told: string): string | undefined =>
  told.startsWith(failed) ? told.slice(failed.length) : undefined

function watched(made: ChannelCredentials): ChannelCredentials {
  const connectorOf = made._createSecureConnector
  made._createSecureConnector = (...given) => {
    const connector = connectorOf.apply(made, given)
    const { connectionOptions: to } = connector as unknown as Inside
    // The certificate is still held against the address.
    if (to !== undefined && isIP(to.servername ?? '') !== 0) to.servername = ''
    const connect = connector.connect
    connector.connect = async (socket) => {
      try {
        return await connect.call(connector, socket)
      } catch (cause) {
        const { code, message = String(cause) } = (cause ?? {}) as NodeJS.ErrnoException
        throw new Error(`${failed}${code ?? message.split('\n', 1)[0]}`, { cause })
      }
    }
    return connector
  }
  return made
}
