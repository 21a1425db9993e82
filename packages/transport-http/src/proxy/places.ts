// Places for requests to an origin, and the bounded line of those that wait for one. Node's agent would queue without
// an end, and keep what nobody waits for any more.

export interface Place {
  /** Is it there? Else `go` is called when it is. */
  readonly ready: boolean
  /** Gives it back, or leaves the line. May be repeated. */
  leave(): void
}

/** Takes a place at an origin; `undefined` where too many wait for one. */
export type Places = (origin: string, go: () => void) => Place | undefined

interface Origin {
  busy: number
  readonly waiting: Set<() => void>
}

/** `most` places, and `line` that may wait, for each origin. */
export function places(most: number, line: number): Places {
  const origins = new Map<string, Origin>()
  return (name, go) => {
    const origin = origins.get(name) ?? { busy: 0, waiting: new Set() }
    const { waiting } = origin
    const ready = origin.busy < most
    if (!ready && waiting.size >= line) return undefined
    origins.set(name, origin)
    let held = ready
    const enter = (): void => {
      held = true
      go()
    }
    if (ready) origin.busy++
    else waiting.add(enter)
    return {
      ready,
      leave() {
        waiting.delete(enter)
        if (!held) return
        held = false
        // The place goes on to who waits longest, without being free in between.
        const [next] = waiting
        if (next !== undefined) {
          waiting.delete(next)
          next()
        } else if (--origin.busy === 0) origins.delete(name)
      },
    }
  }
}
