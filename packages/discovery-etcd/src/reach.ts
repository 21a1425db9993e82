// Does somebody accept connections there? Asked before gRPC is: a connection of ours that hangs can be given up, which one of gRPC's
// cannot, and it would keep the process.
import { connect } from 'node:net'
import type { Endpoint } from './etcd-options.ts'

/** Resolves once a connection was accepted, and closes it. Rejects with why not, at the latest after `ms`. */
export function reach({ host, port }: Endpoint, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const end = (error?: Error): void => {
      signal.removeEventListener('abort', aborted)
      socket.destroy()
      if (error === undefined) resolve()
      else reject(error)
    }
    const aborted = (): void => end(new Error('given up'))
    signal.addEventListener('abort', aborted)
    socket.setTimeout(ms, () => end(new Error(`no connection within ${ms} ms`)))
    socket.once('connect', () => end())
    socket.once('error', end)
    if (signal.aborted) aborted()
  })
}
