// TLS of a client, as in Node's `tls.connect`, checked when the client is made.

import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, type SecureContext } from 'node:tls'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { authorities, contextOf, type Pem, pem } from './tls.ts'

/** TLS of a client. */
export interface ClientTls {
  /** The authorities of the server's certificate, instead of those that Node knows. */
  readonly ca?: Pem | readonly Pem[]
  /** The client's own certificate, where the server asks for one, followed by those between it and an authority. */
  readonly cert?: Pem
  readonly key?: Pem
  /** Of the key, where it is encrypted. */
  readonly passphrase?: string
  /** The name that the server is asked for, and its certificate must have. Default: the host of the url. */
  readonly servername?: string
  /** Default: true. `false` speaks to anybody who claims to be the server: for trying out, never beyond. */
  readonly rejectUnauthorized?: boolean
  /** Default: `'TLSv1.2'`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's list. Default: Node's. */
  readonly ciphers?: string
  /**
   * Public keys of which the server's certificate must have one, beside being valid: SHA-256 of the key (SPKI) in base64, as
   * `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64` prints it.
   * Name the next one as well before the server changes its key.
   */
  readonly pins?: readonly string[]
}

/** The part of Node's options that this comes to. */
export interface CheckedTls {
  /** Made once: each connection would else read certificates and keys anew. */
  readonly secureContext?: SecureContext
  readonly rejectUnauthorized?: boolean
  readonly servername?: string
  readonly checkServerIdentity?: typeof checkServerIdentity
}

const named: OptionNames<ClientTls> = {
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
  servername: true,
  rejectUnauthorized: true,
  minVersion: true,
  ciphers: true,
  pins: true,
}

/** @throws TypeError for what cannot be used. */
export function clientTls(who: string, tls: ClientTls | undefined): CheckedTls {
  if (tls === undefined) return {}
  knownOptions(`${who}: tls`, tls, named)
  const {
    ca,
    cert,
    key,
    passphrase,
    servername,
    rejectUnauthorized = true,
    minVersion = 'TLSv1.2',
    ciphers,
    pins,
  } = tls
  if (typeof rejectUnauthorized !== 'boolean')
    throw new TypeError(`${who}: tls: rejectUnauthorized is true or false and not ${String(rejectUnauthorized)}`)
  if (servername !== undefined && (typeof servername !== 'string' || isIP(servername) !== 0))
    throw new TypeError(`${who}: tls: servername is a name, and no address`)
  if ((cert === undefined) !== (key === undefined)) throw new TypeError(`${who}: tls: cert and key belong together`)
  for (const [name, value] of Object.entries({ cert, key })) if (value !== undefined) pem(who, name, value)
  const options = { ca: authorities(who, ca), cert, key, passphrase, minVersion, ciphers }
  return {
    secureContext: contextOf(who, options),
    rejectUnauthorized,
    ...(servername !== undefined && { servername }),
    ...(pins !== undefined && { checkServerIdentity: pinned(who, pins, rejectUnauthorized) }),
  }
}

function pinned(who: string, pins: readonly string[], checks: boolean): typeof checkServerIdentity {
  // Node asks nothing of a certificate that may be any.
  if (!checks) throw new TypeError(`${who}: tls: pins are looked at only where rejectUnauthorized is true`)
  if (!Array.isArray(pins) || pins.length === 0 || !pins.every((pin) => /^[\w+/]{43}=$/.test(String(pin))))
    throw new TypeError(`${who}: tls: pins are SHA-256 sums in base64, 44 characters each, at least one`)
  const known = new Set(pins)
  return (host, certificate) => {
    const wrong = checkServerIdentity(host, certificate)
    if (wrong !== undefined) return wrong
    const key = new X509Certificate(certificate.raw).publicKey.export({ type: 'spki', format: 'der' })
    if (known.has(createHash('sha256').update(key).digest('base64'))) return undefined
    return Object.assign(new Error(`the key of ${host} is none of those that are pinned`), { code: 'ERR_TLS_PIN' })
  }
}
