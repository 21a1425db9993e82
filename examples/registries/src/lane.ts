// One direction of a connection through the proxy: bytes, the end and a reset arrive in order, later, or not for now.
import type { Socket } from 'node:net'

/** What the network does to all lanes at the moment. */
export interface Weather {
  /** Milliseconds that everything takes. */
  delay: number
}

/** A direction that can be held. */
export interface Lane {
  /** Nothing arrives any more: what is sent is kept. */
  stall(): void
  /** What was kept arrives. */
  resume(): void
}

/** Bytes on their way, in each direction of a connection, before the sender has to wait. */
const limit = 1024 * 1024

type Parcel = { readonly due: number; readonly what: Buffer | 'end' | 'reset' }

/**
 * Ends a connection rudely and at once: without the second word Node waits until all is written, and nobody may ever read it.
 * Where its own end is on its way it is only destroyed: to reset it is EINVAL for Node 24, which then never closes it, and the
 * process turns in a circle when it should end.
 */
export function cut(socket: Socket): void {
  if (!socket.writableEnded || socket.writableFinished) socket.resetAndDestroy()
  socket.destroy()
}

/** Carries what `from` says to `to`; nothing before `opened`, on the clock of `performance`. */
export function lane(from: Socket, to: Socket, weather: Weather, opened: number): Lane {
  const way: Parcel[] = []
  let bytes = 0
  let last = opened
  let stalled = false
  let full = false
  let ended = false
  let timer: NodeJS.Timeout | undefined

  function send(what: Parcel['what']): void {
    // Nobody overtakes, also when the delay has become less.
    last = Math.max(last, performance.now() + weather.delay)
    way.push({ due: last, what })
    if (typeof what !== 'string') bytes += what.length
    if (bytes >= limit) from.pause()
    deliver()
  }

  function deliver(): void {
    clearTimeout(timer)
    timer = undefined
    while (!stalled && !full && way.length > 0) {
      const { due, what } = way[0] as Parcel
      const left = due - performance.now()
      // A timer may ring a little early: what has not come yet is not told.
      if (left > 0) {
        timer = setTimeout(deliver, left)
        return
      }
      way.shift()
      if (what === 'end') to.end()
      else if (what === 'reset') cut(to)
      else {
        bytes -= what.length
        if (!to.destroyed) full = !to.write(what)
        if (bytes < limit) from.resume()
      }
    }
  }

  from.on('data', send)
  from.on('end', () => {
    ended = true
    send('end')
  })
  from.on('close', () => {
    if (!ended) send('reset')
  })
  to.on('drain', () => {
    full = false
    deliver()
  })
  to.on('close', () => {
    full = false
    deliver()
  })
  return {
    stall() {
      stalled = true
    },
    resume() {
      stalled = false
      deliver()
    },
  }
}
