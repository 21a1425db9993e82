// Limits at which a test can afford to wait for them. At full scale they are the defaults.
import type { ServerLimits } from '@tenon/transport-http'
import type { Scale } from './attack.ts'

/** Short times and small sums. One set of them for all attacks, so that they share a server. */
const hastyLimits: ServerLimits = {
  headersTimeout: 600,
  bodyTimeout: 600,
  keepAlive: 600,
  unread: 600,
  body: 65_536,
  allBodies: 300_000,
  allAnswers: 30_000_000,
}

export const hasty = (scale: Scale): ServerLimits => (scale === 'quick' ? hastyLimits : {})

/** Few calls at once. */
export const few = (scale: Scale): ServerLimits => (scale === 'quick' ? { concurrent: 50, request: 1_000 } : {})
