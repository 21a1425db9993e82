// Defects that nobody listens for become warnings of the process: a bug must leave a trace before anybody has set up telemetry.
import { inspect } from 'node:util'
import type { MethodInfo } from './method.ts'

/** As `process.emitWarning`. */
export type Warn = (message: string, options: { readonly type: string; readonly detail: string }) => void

type Tell = (method: MethodInfo | undefined, cause: unknown) => void

/** A minute, in milliseconds, and what may be said in it: enough to see a bug by, too little to fill a disk. */
const span = 60_000
const most = 10
/** Characters of a cause. */
const longest = 8_192

/** Warns of defects, ten a minute at most; the first one afterwards tells how many were left out. Never throws. */
export function warner(warn: Warn, now: () => number): Tell {
  let began = Number.NEGATIVE_INFINITY
  let said = 0
  let left = 0
  return (method, cause) => {
    const at = now()
    if (at - began >= span) {
      began = at
      said = 0
    }
    if (said >= most) {
      left++
      return
    }
    said++
    const who = method === undefined ? 'an endpoint or a listener' : `${method.contract}/${method.name}`
    const before = left === 0 ? '' : ` (${left} more before it were left out)`
    const last = said === most ? '; the others of this minute are only counted' : ''
    left = 0
    try {
      warn(`a defect in ${who}${before}; hear of all with subscribe() of @tenon/endpoint${last}`, {
        type: 'TenonDefect',
        detail: shown(cause),
      })
    } catch {
      // A process that replaced emitWarning by what throws hears nothing.
    }
  }
}

function shown(cause: unknown): string {
  try {
    const text = cause instanceof Error && typeof cause.stack === 'string' ? cause.stack : inspect(cause, { depth: 1 })
    return text.length > longest ? `${text.slice(0, longest)}...` : text
  } catch {
    return 'a cause that cannot be shown'
  }
}

/** The process's own: on stderr by default, on `process.on('warning')`. */
export const unheard: Tell = warner(
  (message, options) => process.emitWarning(message, options),
  () => performance.now(),
)
