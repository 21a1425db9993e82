// Was a client's stream cut off? grpc-js hands an HTTP/2 stream that was reset over as if it had ended, and tells of the
// cancellation some turns of the event loop later: until then a stream that was cut looks complete. Node knows at once.
import type { ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js'

interface Layer {
  /** The HTTP/2 stream, under grpc-js's own layers. Not part of its interface: absent, the event alone decides. */
  readonly stream?: { readonly aborted?: boolean; readonly rstCode?: number; readonly destroyed?: boolean }
  readonly nextCall?: Layer
}

/** Has the client reset the call, or gone away? */
export function wasCut(call: ServerReadableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>): boolean {
  if (call.cancelled) return true
  let layer = (call as unknown as { readonly call?: Layer }).call
  while (layer?.nextCall !== undefined) layer = layer.nextCall
  const { aborted, rstCode } = layer?.stream ?? {}
  return aborted === true || (rstCode ?? 0) !== 0
}
