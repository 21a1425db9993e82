// A gRPC client that sends what it likes: node:http2 and messages written by hand.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'

export const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

const service = '/hostile.v1.Echo'
export const paths = {
  say: `${service}/Say`,
  hear: `${service}/Hear`,
  nothing: `${service}/Nothing`,
  anything: `${service}/Anything`,
  tree: `${service}/Tree`,
  numbers: `${service}/Numbers`,
  names: `${service}/Names`,
  whole: `${service}/Whole`,
  big: `${service}/Big`,
  slow: `${service}/Slow`,
  deaf: `${service}/Deaf`,
  take: `${service}/Take`,
  flood: `${service}/Flood`,
  still: `${service}/Still`,
  chat: `${service}/Chat`,
} as const

/** `window`: bytes of an answer that the server may send before it is asked for more. */
export const session = (port: number, window?: number): ClientHttp2Session =>
  connect(`http://127.0.0.1:${port}`, window === undefined ? {} : { settings: { initialWindowSize: window } }).on(
    'error',
    () => {},
  )

export const head = (path: string, more: object = {}): object => ({
  ':method': 'POST',
  ':path': path,
  'content-type': 'application/grpc',
  te: 'trailers',
  ...more,
})

/** A message in its frame; `length` is what the frame says that it has. */
export function framed(body: Uint8Array, flag = 0, length = body.length): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(length >>> 0, 1)
  return Buffer.concat([prefix, body])
}

/** A number as protobuf writes it (base 128, the lowest first). */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left > 127) {
    bytes.push((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  return Buffer.from([...bytes, left])
}

/** A field of bytes: its number, its length, what it holds. */
export const field = (number: number, value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

/** A message whose first field is a text. */
export const text = (value: string): Buffer => field(1, value)

/** A message whose first field is a whole number. */
export const number = (value: number): Buffer => Buffer.concat([Buffer.from([8]), varint(value)])

/** How a call ended. */
export interface Ended {
  /** The status by name, `reset REFUSED_STREAM`, `HTTP 415`, `closed`, or `open` where it has not. */
  readonly end: string
  readonly body: Buffer
  readonly ms: number
}

const nameOf = (code: number): string => errors[code] ?? String(code)
/** RFC 9113, 7. */
export const errors = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
]

/** What the server says of a call, once it has ended or `ms` are over. */
export function ended(stream: ClientHttp2Stream, ms = 15_000): Promise<Ended> {
  const start = performance.now()
  return new Promise((resolve) => {
    let status: unknown
    let http: unknown
    const pieces: Buffer[] = []
    const look = (headers: object): void => {
      status ??= (headers as Record<string, unknown>)['grpc-status']
    }
    const done = (open: boolean): void => {
      clearTimeout(timer)
      const end = open
        ? 'open'
        : status !== undefined
          ? (statusNames[Number(status)] ?? `status ${status}`)
          : http !== undefined && http !== 200
            ? `HTTP ${http}`
            : (stream.rstCode ?? 0) !== 0
              ? `reset ${nameOf(stream.rstCode ?? 0)}`
              : 'closed'
      resolve({ end, body: Buffer.concat(pieces), ms: performance.now() - start })
    }
    const timer = setTimeout(() => done(true), ms)
    stream.on('response', (headers) => {
      http = headers[':status']
      look(headers)
    })
    stream.on('trailers', look)
    stream.on('error', () => {})
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('close', () => done(false))
  })
}

/** Opens a call, sends bytes and the end of them, and waits for what comes. */
export function asked(
  own: ClientHttp2Session,
  path: string,
  bytes: Uint8Array,
  headers: object = {},
  ms?: number,
): Promise<Ended> {
  const stream = own.request(head(path, headers) as never)
  const answer = ended(stream, ms)
  stream.end(bytes)
  return answer
}
