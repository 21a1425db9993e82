// What grpc-js refuses by itself, and tells nobody of: messages that are none, paths that nobody serves, other content types,
// HTTP/2 that is none. Here the operator hears of it.
import { constants } from 'node:http2'
import { type Server, type ServerInterceptor, status } from '@grpc/grpc-js'
import { type Code, type Failure, report, type TelemetryListener } from '@tenon/endpoint'
import { streamOf } from './cut.ts'
import { oversizeAtServer } from './oversize.ts'
import { byNumber } from './status.ts'

type Call = Parameters<ServerInterceptor>[1]
type Status = Parameters<Call['sendStatus']>[0]

/** Tells the operator. */
export function refused(onTelemetry: TelemetryListener | undefined, reason: string, failure: Failure): void {
  report(onTelemetry, { kind: 'server.rejected', transport: 'grpc', reason, failure })
}

const failed = (_tag: string, code: Code, message: string): Failure => ({
  _tag,
  code,
  message: message.slice(0, 200),
})

/** Why grpc-js ended a call by itself; `undefined` where that is no refusal: a deadline, an answer that could not be written. */
function reasonOf({ code, details }: Status): string | undefined {
  if (code === status.OK || code === status.DEADLINE_EXCEEDED) return undefined
  if (/^(?:Sent message|Error (?:writing|serializing)|Internal server error)/.test(details)) return undefined
  if (code === status.RESOURCE_EXHAUSTED) return 'message-too-large'
  return details.startsWith('Invalid grpc-timeout') ? 'bad-timeout' : 'malformed-message'
}

/**
 * Watches how a call ends: in place, and not one more call around it. What we say carries metadata, what grpc-js says by itself
 * does not. Its sender may go on for ever, so the stream is closed after the status.
 */
export function hearRefusals(call: Call, onTelemetry: TelemetryListener | undefined): void {
  const send = call.sendStatus
  call.sendStatus = (given) => {
    call.sendStatus = send
    const { code, metadata } = given
    const oversize = code === status.RESOURCE_EXHAUSTED ? oversizeAtServer(given.details) : undefined
    const said = oversize === undefined ? given : { ...given, details: oversize }
    send.call(call, said)
    if (metadata !== null && metadata !== undefined) return
    const reason = reasonOf(given)
    if (reason === undefined) return
    refused(onTelemetry, reason, failed('BadMessage', byNumber.get(code) ?? 'unknown', said.details))
    streamOf(call)?.close?.(constants.NGHTTP2_NO_ERROR)
  }
}

/** Not part of grpc-js's interface: where they are absent, the operator hears nothing. */
interface Inside {
  _retrieveHandler?(path: string): unknown
  _verifyContentType?(stream: unknown, headers: Record<string, unknown>): boolean
}

const legalName = /^[0-9a-z_.-]+$/
const legalValue = /^[ -~]*$/

/** What gRPC does not take as metadata is left out. grpc-js leaves it out as well, and writes it to stderr, whoever sends it. */
function clean(headers: Record<string, unknown>): void {
  for (const name in headers) {
    if (name.charCodeAt(0) === colon) continue
    const value = headers[name]
    const fits = Array.isArray(value) ? value.every((one) => legalValue.test(one)) : legalValue.test(value as string)
    if (!fits || !legalName.test(name)) delete headers[name]
  }
}
const colon = 58

const perUnit: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1 }

/** A timeout of more milliseconds than a timer takes is none. grpc-js counts in 32 bits and would take it for past. */
function shorten(headers: Record<string, unknown>): void {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSm])$/.exec(String(headers['grpc-timeout'])) ?? []
  if (Number(digits) * (perUnit[unit] ?? 0) > 2 ** 31 - 1) delete headers['grpc-timeout']
}

/** Tells of calls for what is not served, and of such that are no gRPC. */
export function hearUnserved(server: Server, onTelemetry: TelemetryListener | undefined): void {
  const inside = server as unknown as Inside
  const { _retrieveHandler: retrieve, _verifyContentType: verify } = inside
  if (retrieve !== undefined)
    inside._retrieveHandler = (path) => {
      const handler = retrieve.call(server, path)
      if (handler === null)
        refused(onTelemetry, 'no-method', failed('Unimplemented', 'unimplemented', `no ${path} here`))
      return handler
    }
  if (verify !== undefined)
    inside._verifyContentType = (stream, headers) => {
      clean(headers)
      if (headers['grpc-timeout'] !== undefined) shorten(headers)
      const fits = verify.call(server, stream, headers)
      if (!fits)
        refused(onTelemetry, 'content-type', failed('NoGrpc', 'invalid_argument', 'the content type is not of gRPC'))
      return fits
    }
}

/** Tells of a connection that is closed because it has no place. */
export const tooManyConnections = (onTelemetry: TelemetryListener | undefined, most: number): void =>
  refused(
    onTelemetry,
    'too-many-connections',
    failed('TooManyConnections', 'unavailable', `${most} connections are open`),
  )

/** Tells of what a connection broke with, where that is not that its client has gone. */
export function brokenConnection(onTelemetry: TelemetryListener | undefined, cause: NodeJS.ErrnoException): void {
  if (cause.code?.startsWith('ERR_HTTP2') !== true) return
  refused(onTelemetry, 'malformed', failed('BadHttp2', 'invalid_argument', cause.message))
}

/** Tells of a handshake of TLS that came to nothing, where that is not that its client has gone. */
export function brokenHandshake(
  onTelemetry: TelemetryListener | undefined,
  { code, message }: NodeJS.ErrnoException,
  ms: number,
): void {
  if (code === 'ECONNRESET' || code === 'EPIPE') return
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT')
    refused(onTelemetry, 'slow-handshake', failed('SlowHandshake', 'deadline_exceeded', `no handshake within ${ms} ms`))
  else refused(onTelemetry, 'handshake', failed('BadHandshake', 'invalid_argument', message))
}
