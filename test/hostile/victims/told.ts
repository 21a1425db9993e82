// What an attacked process tells its operator, counted.
import { subscribe, type Telemetry } from '@tenon/endpoint'

let counts: Record<string, number> = {}

/** Counts one more. */
export const count = (what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1
}

export function tell(event: Telemetry): void {
  if (event.kind === 'server.rejected') count(event.reason)
  else if (event.kind === 'consumer.message') count(`event ${event.result}`)
  else if (event.kind === 'defect') count('defect')
}

// Of what a handler throws nobody hears but who listens to all.
subscribe((event) => {
  if (event.kind === 'defect') count('defect')
})

/** The hook: hears also of input that is no such message, which is an outcome of a call and no refusal. */
export function hears(_: unknown, __: unknown, where: string): void {
  if (where === 'decode') count('onError')
}

/** How often by reason since the last time this was asked. */
export function told(): Readonly<Record<string, number>> {
  const sofar = counts
  counts = {}
  return sofar
}
