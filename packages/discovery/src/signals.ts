// Waiting with an eye on a signal.

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** What the work comes to, or, when the signal aborts before, what giving up comes to. */
export const unlessGivenUp = (work: Promise<void>, signal: AbortSignal, giveUp: () => Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    let givenUp = false
    const heed = (): void => {
      givenUp = true
      giveUp().then(resolve, reject)
    }
    if (signal.aborted) heed()
    else signal.addEventListener('abort', heed)
    const settled = (settle: () => void) => (): void => {
      signal.removeEventListener('abort', heed)
      if (!givenUp) settle()
    }
    work.then(settled(resolve), (cause) => settled(() => reject(cause))())
  })
