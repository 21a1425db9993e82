// Calls whose messages have not come yet: grpc-js asks no handler before one is whole, and waits for ever. Here they have a
// time, a number and a sum of bytes, so that who sends a byte a second, or all but the last byte, holds nothing for long.
import { constants } from 'node:http2'
import { Metadata, type ServerInterceptor, status } from '@grpc/grpc-js'
import { type Clock, systemClock, type TelemetryListener, type Timer } from '@tenon/endpoint'
import { streamOf } from './cut.ts'
import { slowMessage, tooBusy, tooMuchArrives } from './gate.ts'
import { hearRefusals, refused } from './refused.ts'
import { Timed } from './timed.ts'

type Call = Parameters<ServerInterceptor>[1]

export interface ArrivalLimits {
  /** Milliseconds that a message may take. */
  readonly arrival: number
  /** Calls whose message has not come. */
  readonly concurrent: number
  /** Bytes of all messages that have not come as a whole. */
  readonly allMessages: number
}

/** Milliseconds between two looks at how much has come. */
const looking = 50

/** The sender may go on for ever, so its stream is closed after the status. */
function end(call: Call, code: status, details: string): void {
  call.sendStatus({ code, details, metadata: new Metadata() })
  streamOf(call)?.close?.(constants.NGHTTP2_NO_ERROR)
}

/** What grpc-js keeps of a message that is not whole. Not part of its interface: where it is absent, nothing is counted. */
interface Partial {
  readonly decoder?: { readonly readMessageSize: number; readonly readMessageRemaining: number }
}
const heldBy = (call: Call): number => {
  const { readMessageSize = 0, readMessageRemaining = 0 } = (call as Partial).decoder ?? {}
  return readMessageRemaining === 0 ? 0 : readMessageSize - readMessageRemaining
}

/** An interceptor that ends what takes too long or too much. Close it when no call comes any more. */
export function arrivals(
  { arrival, concurrent, allMessages }: ArrivalLimits,
  clock: Clock,
  onTelemetry: TelemetryListener | undefined,
): { readonly interceptor: ServerInterceptor; close(): void } {
  const waiting = new Timed<Call>(clock, arrival, (call) => {
    const failure = slowMessage(arrival)
    refused(onTelemetry, 'slow-message', failure)
    end(call, status.DEADLINE_EXCEEDED, failure.message)
  })
  const streams = new Set<Call>()
  let timer: Timer | undefined
  const look = (): void => {
    timer = undefined
    let bytes = 0
    for (const call of waiting.keys()) bytes += heldBy(call)
    for (const call of streams) bytes += heldBy(call)
    for (const all of [waiting.keys(), streams])
      for (const call of all) {
        if (bytes <= allMessages) break
        const held = heldBy(call)
        if (held === 0) continue
        bytes -= held
        waiting.delete(call)
        streams.delete(call)
        const failure = tooMuchArrives(allMessages)
        refused(onTelemetry, 'too-much-arrives', failure)
        end(call, status.RESOURCE_EXHAUSTED, failure.message)
      }
    if (waiting.size + streams.size > 0) expect()
  }
  const expect = (): void => {
    if (timer !== undefined || allMessages === Number.POSITIVE_INFINITY) return
    timer = systemClock.at(systemClock.now() + looking, look)
  }
  const interceptor: ServerInterceptor = (method, call) => {
    const all = method.requestStream ? streams : waiting
    // A stream is handed over at once, and its call has a deadline.
    if (!method.requestStream && waiting.size >= concurrent) {
      const failure = tooBusy(concurrent)
      refused(onTelemetry, 'too-busy', failure)
      end(call, status.UNAVAILABLE, failure.message)
      return call as never
    }
    all.add(call)
    expect()
    hearRefusals(call, onTelemetry)
    const start = call.start.bind(call)
    // In place, and not one more call around it: that would cost each call as much again.
    call.start = (listener) => {
      const { onReceiveHalfClose, onCancel } = listener
      listener.onReceiveHalfClose = () => {
        // Else it was refused, and grpc-js would ask the handler all the same.
        if (all.delete(call)) onReceiveHalfClose.call(listener)
      }
      listener.onCancel = () => {
        all.delete(call)
        onCancel.call(listener)
      }
      start(listener)
    }
    return call as never
  }
  return {
    interceptor,
    close() {
      waiting.close()
      streams.clear()
      timer?.cancel()
    },
  }
}
