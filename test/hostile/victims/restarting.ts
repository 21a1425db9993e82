// A server that is told to stop, and to come back on its port.
/** What both transports' servers can do. */
interface Stoppable extends AsyncDisposable {
  readonly port: number
  drain(options: { readonly signal: AbortSignal }): Promise<void>
}

/** What a victim answers about that; `again` starts it on a port, in place of the one that was. */
export const restarting = (running: () => Stoppable, again: (port: number) => Promise<void>) => ({
  /** Begins to stop, and resolves when it has: how many milliseconds that took. */
  drain: async ({ ms }: { ms: number }): Promise<number> => {
    const start = performance.now()
    await running().drain({ signal: AbortSignal.timeout(ms) })
    return performance.now() - start
  },
  restart: async (): Promise<number> => {
    const server = running()
    await server[Symbol.asyncDispose]()
    await again(server.port)
    return server.port
  },
})
