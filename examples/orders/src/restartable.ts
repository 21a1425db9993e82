// Something that runs, and can be killed, stopped and started again.

/** Its states: `killed` as by a crash, `gone` after a proper end. */
export type State = 'up' | 'draining' | 'killed' | 'gone'

export interface Restartable {
  readonly name: string
  readonly state: State
  /** Harmless where it runs. */
  start(): Promise<void>
  /** Ends as a crash does: what it is at is cut. */
  kill(): Promise<void>
  /** Ends as a deployment does: finishes what it is at. Harmless where it does not run. */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
}

const aborted = AbortSignal.abort()

/** `run` starts it, anew each time. */
export function restartable(
  name: string,
  run: () => Promise<{ drain(options: { readonly signal: AbortSignal }): Promise<void> }>,
): Restartable {
  let state: State = 'gone'
  let running: Awaited<ReturnType<typeof run>> | undefined
  const end = async (meanwhile: State, signal: AbortSignal, after: State): Promise<void> => {
    const ending = running
    if (ending === undefined) return
    running = undefined
    state = meanwhile
    await ending.drain({ signal })
    state = after
  }
  return {
    name,
    get state() {
      return state
    },
    async start() {
      if (running !== undefined) return
      running = await run()
      state = 'up'
    },
    kill: () => end('killed', aborted, 'killed'),
    drain: ({ signal = AbortSignal.timeout(5_000) } = {}) => end('draining', signal, 'gone'),
  }
}
