// Hears from the agent itself when it has lost an instance, or is back after it was away: sooner than a heartbeat would.
import { ConsulError } from './failure.ts'
import type { Settings } from './options.ts'
import { watching } from './watching.ts'

/**
 * Tells whether the agent knows the instance, and whether the agent had been away before it said so, until what it answers
 * is called. Asks the agent alone, not Consul's servers.
 */
export function kept(
  settings: Settings,
  id: string,
  what: string,
  tell: (there: boolean, away: boolean) => void,
): () => void {
  let away = false
  const stop = watching<boolean>(
    settings,
    {
      what,
      read: { of: 'instances', name: id },
      reads: 'default',
      path: `/agent/service/${encodeURIComponent(id)}`,
      query: [],
      statuses: [404],
      mark: 'hash',
      parse: ({ status }) => status === 200,
    },
    {
      value(there) {
        const was = away
        away = false
        tell(there, was)
      },
      fail(error) {
        away = true
        // Who may not ask is left with heartbeats.
        if (error instanceof ConsulError && error.trouble === 'denied') void stop()
      },
    },
  )
  return () => void stop()
}
