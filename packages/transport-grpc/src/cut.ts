// The HTTP/2 stream under a call, and whether a client has cut it off. grpc-js hands an HTTP/2 stream that was reset over as if it had ended, and tells of the
// cancellation some turns of the event loop later: until then a stream that was cut looks complete. Node knows at once.
import { constants } from 'node:http2'
import type { ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js'

interface Http2 {
  readonly aborted?: boolean
  readonly rstCode?: number
  readonly closed?: boolean
  close?(code: number): void
  once?(event: 'close', listener: () => void): void
}

interface Layer {
  /** Not part of grpc-js's interface: where it is absent, its events alone decide. */
  readonly stream?: Http2
  readonly nextCall?: Layer
}

/** The HTTP/2 stream under grpc-js's own layers. */
export function streamOf(call: object): Http2 | undefined {
  let layer: Layer | undefined = call
  while (layer?.nextCall !== undefined) layer = layer.nextCall
  return layer?.stream
}

/** The HTTP/2 stream under a call that grpc-js has handed over. */
export const streamUnder = (call: object): Http2 | undefined =>
  streamOf((call as { readonly call?: object }).call ?? {})

/** Resets a call that grpc-js has handed over. */
export const cut = (call: object): void => streamUnder(call)?.close?.(constants.NGHTTP2_CANCEL)

/** Has the client reset the call, or gone away? */
export function wasCut(call: ServerReadableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>): boolean {
  if (call.cancelled) return true
  const { aborted, rstCode } = streamUnder(call) ?? {}
  return aborted === true || (rstCode ?? 0) !== 0
}
