// Calls whose one message has not come yet: grpc-js asks no handler before it is whole, and waits for ever. Here they have a
// time and a number, so that who sends a byte a second holds nothing for long.
import { constants } from 'node:http2'
import { type ServerInterceptor, status } from '@grpc/grpc-js'
import { type Clock, report, type TelemetryListener } from '@tenon/endpoint'
import { streamOf } from './cut.ts'
import { slowMessage, tooBusy } from './gate.ts'
import { Timed } from './timed.ts'

type Call = Parameters<ServerInterceptor>[1]

export interface ArrivalLimits {
  /** Milliseconds that a message may take. */
  readonly arrival: number
  /** Calls whose message has not come. */
  readonly concurrent: number
}

/** The sender may go on for ever, so its stream is closed after the status. */
function end(call: Call, why: Parameters<Call['sendStatus']>[0]): void {
  call.sendStatus(why)
  streamOf(call)?.close?.(constants.NGHTTP2_NO_ERROR)
}

/** An interceptor that ends what takes too long. Close it when no call comes any more. */
export function arrivals(
  { arrival, concurrent }: ArrivalLimits,
  clock: Clock,
  onTelemetry: TelemetryListener | undefined,
): { readonly interceptor: ServerInterceptor; close(): void } {
  const waiting = new Timed<Call>(clock, arrival, (call) => {
    const failure = slowMessage(arrival)
    report(onTelemetry, { kind: 'server.rejected', transport: 'grpc', reason: 'slow-message', failure })
    end(call, { code: status.DEADLINE_EXCEEDED, details: failure.message })
  })
  const interceptor: ServerInterceptor = (method, call) => {
    // A stream is handed over at once, and its call has a deadline.
    if (method.requestStream) return call as never
    if (waiting.size >= concurrent) {
      const failure = tooBusy(concurrent)
      report(onTelemetry, { kind: 'server.rejected', transport: 'grpc', reason: 'too-busy', failure })
      end(call, { code: status.UNAVAILABLE, details: failure.message })
      return call as never
    }
    waiting.add(call)
    const start = call.start.bind(call)
    // In place, and not one more call around it: that would cost each call as much again.
    call.start = (listener) => {
      const { onReceiveHalfClose, onCancel } = listener
      listener.onReceiveHalfClose = () => {
        waiting.delete(call)
        onReceiveHalfClose.call(listener)
      }
      listener.onCancel = () => {
        waiting.delete(call)
        onCancel.call(listener)
      }
      start(listener)
    }
    return call as never
  }
  return { interceptor, close: () => waiting.close() }
}
