// Large bodies take turns. Reading one holds the thread for a tenth of a second and more; a dozen that are whole at the
// same time would hold it for seconds, and everybody else would wait. So one is read in a round of the event loop, and what
// is small goes on between them.
import { AsyncResource } from 'node:async_hooks'

/** Bytes of a body that is read at once; JSON of this size takes some milliseconds at most. */
const small = 65_536

const waiting: (() => void)[] = []

/** Is a body of so many bytes to wait for its turn? */
export const isLarge = (bytes: number): boolean => bytes > small

/** Reads a large body when its turn has come. */
export function inTurn(read: () => void): void {
  // Whoever follows a request through its calls finds it again.
  waiting.push(AsyncResource.bind(read))
  if (waiting.length === 1) setImmediate(next)
}

function next(): void {
  try {
    waiting[0]?.()
  } finally {
    waiting.shift()
    if (waiting.length > 0) setImmediate(next)
  }
}
