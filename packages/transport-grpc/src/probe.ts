// Is a server well? By gRPC's health service: the shape that active health checks of discovery take, which this package does not
// know. On Node's HTTP/2: grpc-js does not let go of a connection that never comes to be, and a server that hangs has many.
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2'
import { status } from '@grpc/grpc-js'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { checkAddress } from './channel.ts'
import { type ClientTls, credentialsOf } from './credentials.ts'
import { healthRoot } from './health.ts'

/** Options of {@link probe}. */
export interface ProbeOptions {
  /** Of which service the health is asked: `shop.orders.v1.Orders`. Default: `''`, that of the server. */
  readonly service?: string
  /** Default: none, in the clear. */
  readonly tls?: ClientTls
}

/**
 * Asks the server at an address how it is: `true` when it is serving, else a rejection that says why not. Give `signal` a time
 * limit: there is none besides.
 */
export type GrpcProbe = (
  at: { readonly address: string },
  options: { readonly signal: AbortSignal },
) => Promise<boolean>

const named: OptionNames<ProbeOptions> = { service: true, tls: true }
const who = 'grpc.probe'
/** Bytes before a message: whether it is compressed, and its length. */
const prefix = 5
/** Bytes of an answer: it is two, after its prefix. */
const most = 1_024

/**
 * A probe by `grpc.health.v1.Health`, for active health checks: `checked(instances, { probe: grpc.probe() })`. Each time on a
 * connection of its own, which it closes.
 *
 * @throws TypeError on a bad option.
 */
export function probe(options: ProbeOptions = {}): GrpcProbe {
  knownOptions(who, options, named)
  const { service = '', tls } = options
  if (typeof service !== 'string') throw new TypeError(`${who}: service is a name and not ${String(service)}`)
  credentialsOf(who, tls)
  const root = healthRoot()
  const request = root.lookupType('grpc.health.v1.HealthCheckRequest').encode({ service }).finish()
  const response = root.lookupType('grpc.health.v1.HealthCheckResponse')
  const { values, valuesById } = root.lookupEnum('grpc.health.v1.HealthCheckResponse.ServingStatus')
  const message = Buffer.alloc(prefix + request.length)
  message.writeUInt32BE(request.length, 1)
  message.set(request, prefix)

  return async ({ address }, { signal }) => {
    signal.throwIfAborted()
    const session = sessionTo(address, tls)
    try {
      const answer = await asked(session, message, signal)
      const found = response.decode(answer) as unknown as { readonly status: number }
      if (found.status === values.SERVING) return true
      throw new Error(`${service || 'the server'} is ${valuesById[found.status] ?? 'of unknown health'}`)
    } finally {
      session.destroy()
    }
  }
}

function sessionTo(address: string, tls: ClientTls | undefined): ClientHttp2Session {
  checkAddress(who, address)
  if (tls === undefined) return connect(`http://${address}`)
  const secure: SecureClientSessionOptions = tls === true ? {} : tls
  return connect(`https://${address}`, secure)
}

/** The message that the health service answers with; rejects with what its status says. */
function asked(session: ClientHttp2Session, message: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(signal.reason)
    signal.addEventListener('abort', cancel, { once: true })
    session.on('error', reject)
    session.on('close', () => reject(new Error('the server closed the connection')))
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let code: number | undefined
    let details = ''
    const told = (headers: NodeJS.Dict<string | string[] | number>): void => {
      if (headers['grpc-status'] === undefined) return
      code = Number(headers['grpc-status'])
      details = String(headers['grpc-message'] ?? '')
    }
    let received = Buffer.alloc(0)
    stream.on('error', reject)
    stream.on('response', (headers) => {
      told(headers)
      if (headers[':status'] !== 200) reject(new Error(`the server answered HTTP ${headers[':status']}`))
    })
    stream.on('trailers', told)
    stream.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (received.length > most) reject(new Error('the server sent too much'))
    })
    stream.on('end', () => {
      signal.removeEventListener('abort', cancel)
      if (code === status.OK && received.length >= prefix) resolve(received.subarray(prefix))
      else
        reject(new Error(code === undefined ? 'what answers there is no gRPC' : `${status[code] ?? code}: ${details}`))
    })
    stream.end(message)
  })
}
