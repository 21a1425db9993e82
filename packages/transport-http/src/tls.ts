// TLS of a server: its certificate, which may be replaced while it listens, and handshakes, which are bounded in time and
// whose failures are told apart.
import { X509Certificate } from 'node:crypto'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { knownOptions, type OptionNames, report, type TelemetryListener, wholeOption } from '@tenon/endpoint'
import { badClientCertificate, badHandshake, plainHttp, type Refusal, slowHandshake } from './refusal.ts'

/** PEM: text or bytes. */
export type Pem = string | Buffer

/** A certificate and what goes with it, as in Node's `tls`. */
export interface ServerCertificate {
  /** The certificate, followed by those between it and an authority that clients know. */
  readonly cert: Pem
  readonly key: Pem
  /** Of the key, where it is encrypted. */
  readonly passphrase?: string
  /** The authorities of clients' certificates, instead of those that Node knows. */
  readonly ca?: Pem | readonly Pem[]
  /** Default: `'TLSv1.2'`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's list. Default: Node's. */
  readonly ciphers?: string
}

/** TLS of a server. */
export interface ServerTls extends ServerCertificate {
  /** Are clients asked for a certificate of their own? `http.peerCertificate` tells whose it is. Default: false. */
  readonly requestCert?: boolean
  /** Is a client turned away that has no certificate, or none that `ca` vouches for? Default: true, where one is asked for. */
  readonly rejectUnauthorized?: boolean
  /**
   * Other certificates by the name that a client asks for; `undefined` is the one above. Whoever answers the same object
   * again has it read once. What it throws ends the handshake.
   */
  readonly sni?: (servername: string) => ServerCertificate | undefined | Promise<ServerCertificate | undefined>
  /** Milliseconds that a handshake may take. Default: 10,000. Then the connection is closed. */
  readonly handshakeTimeout?: number
}

/** A server of Node's that speaks TLS, and the way to give it another certificate. */
export interface Secured {
  readonly server: Server
  /** @throws TypeError for what cannot be used; then nothing changes. */
  replace(tls: ServerCertificate & Pick<ServerTls, 'sni'>): void
}

const certificateNames: OptionNames<ServerCertificate> = {
  cert: true,
  key: true,
  passphrase: true,
  ca: true,
  minVersion: true,
  ciphers: true,
}

const replacement: OptionNames<ServerCertificate & Pick<ServerTls, 'sni'>> = {
  ...certificateNames,
  sni: true,
}

const named: OptionNames<ServerTls> = {
  ...replacement,
  requestCert: true,
  rejectUnauthorized: true,
  handshakeTimeout: true,
}

export function secured(
  who: string,
  tls: ServerTls,
  options: ServerOptions,
  onTelemetry: TelemetryListener | undefined,
): Secured {
  knownOptions(`${who}: tls`, tls, named)
  const { requestCert = false, rejectUnauthorized = true } = tls
  for (const [name, value] of Object.entries({ requestCert, rejectUnauthorized }))
    if (typeof value !== 'boolean')
      throw new TypeError(`${who}: tls: ${name} is true or false and not ${String(value)}`)
  const handshakeTimeout = wholeOption(`${who}: tls: handshakeTimeout`, tls.handshakeTimeout, {
    value: 10_000,
    unit: 'milliseconds',
    min: 1,
  })
  let sni = sniOf(who, tls)
  const server = createServer({
    ...options,
    ...usable(who, tls),
    requestCert,
    rejectUnauthorized,
    handshakeTimeout,
    SNICallback(servername, done) {
      contextFor(who, sni, servername).then(
        (context) => done(null, context),
        (cause: Error) => {
          report(onTelemetry, { kind: 'defect', method: undefined, cause })
          done(cause)
        },
      )
    },
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const refusal = failedHandshake(error, socket, handshakeTimeout)
    if (refusal === undefined) return
    const { reason, failure } = refusal
    report(onTelemetry, { kind: 'server.rejected', transport: 'http', reason, failure })
  })
  return {
    server,
    replace(next) {
      knownOptions(`${who}: setTls`, next, replacement)
      const context = usable(`${who}: setTls`, next)
      sni = sniOf(`${who}: setTls`, next)
      server.setSecureContext(context)
    },
  }
}

function sniOf(who: string, { sni }: Pick<ServerTls, 'sni'>): ServerTls['sni'] {
  if (sni !== undefined && typeof sni !== 'function') throw new TypeError(`${who}: tls: sni is a function of a name`)
  return sni
}

async function contextFor(who: string, sni: ServerTls['sni'], servername: string): Promise<SecureContext | undefined> {
  const certificate = await sni?.(servername)
  if (certificate === undefined) return undefined
  const known = contexts.get(certificate)
  if (known !== undefined) return known
  knownOptions(`${who}: sni(${JSON.stringify(servername)})`, certificate, certificateNames)
  const context = contextOf(who, usable(`${who}: sni(${JSON.stringify(servername)})`, certificate))
  contexts.set(certificate, context)
  return context
}

const contexts = new WeakMap<ServerCertificate, SecureContext>()

/** Checks by use that a certificate, its key and its authorities fit. */
function usable(who: string, tls: ServerCertificate): SecureContextOptions {
  if (typeof tls !== 'object' || tls === null)
    throw new TypeError(`${who}: tls is { cert, key } and not ${String(tls)}`)
  const { cert, key, passphrase, ca, minVersion = 'TLSv1.2', ciphers } = tls
  for (const [name, value] of Object.entries({ cert, key })) pem(who, name, value)
  const options = { cert, key, passphrase, ca: authorities(who, ca), minVersion, ciphers }
  contextOf(who, options)
  return options
}

const notItsPath = "the file's content, as readFileSync(path) gives it, and not its path"

/** @throws TypeError for what is no PEM, and for a certificate that is none: OpenSSL's reason names no field. */
export function pem(who: string, name: string, value: unknown): void {
  if (typeof value !== 'string' && !(value instanceof Uint8Array))
    throw new TypeError(`${who}: tls: ${name} is a PEM text or its bytes`)
  if (!Buffer.from(value as string).includes('-----BEGIN '))
    throw new TypeError(`${who}: tls.${name} is no PEM text: give ${notItsPath}`)
  if (name === 'cert' && !isCertificate(value)) throw new TypeError(`${who}: tls.cert is no certificate in PEM`)
}

function isCertificate(value: string | Uint8Array): boolean {
  try {
    new X509Certificate(value)
    return true
  } catch {
    return false
  }
}

/** OpenSSL passes over what is no certificate, and would trust nobody, or not whom it should. */
export function authorities(who: string, ca: Pem | readonly Pem[] | undefined): Pem[] | undefined {
  if (ca === undefined) return undefined
  const all = (Array.isArray(ca) ? ca : [ca]) as Pem[]
  for (const one of all)
    if (!isCertificate(one))
      throw new TypeError(`${who}: tls: ca is a certificate in PEM, or a list of them: ${notItsPath}`)
  return all
}

/** @throws TypeError with OpenSSL's reason, which tells nothing of keys. */
export function contextOf(who: string, options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new TypeError(`${who}: tls: ${message}${code === undefined ? '' : ` (${code})`}`, { cause })
  }
}

/** Why a handshake failed; `undefined` for a client that only left. */
function failedHandshake(
  { code, message }: NodeJS.ErrnoException,
  socket: TLSSocket,
  timeout: number,
): Refusal | undefined {
  if (code === 'ERR_SSL_HTTP_REQUEST') return plainHttp
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return slowHandshake(timeout)
  // Node closes the connection of a client whose certificate is no good as if it had left.
  const { authorizationError: why } = socket as unknown as { authorizationError?: unknown }
  if (typeof why === 'string') return badClientCertificate(why)
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return badClientCertificate('it has none')
  return code === 'ECONNRESET' || code === 'EPIPE' ? undefined : badHandshake(code ?? message)
}
