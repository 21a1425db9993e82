// A cache with a time to live, as many clients have one: whoever calls when it is old asks and waits, and when that fails the old
// answer serves on.
import type { Known } from './ear.ts'

export interface Caching {
  /** What a call gets to know. */
  get(): Promise<Known>
}

export function caching(ask: () => Promise<readonly string[]>, ttl: number): Caching {
  let ids: readonly string[] | undefined
  let fresh = Number.NEGATIVE_INFINITY
  let asking: Promise<Known> | undefined

  async function look(): Promise<Known> {
    try {
      ids = await ask()
      return { ids, error: undefined }
    } catch (error) {
      return { ids, error }
    } finally {
      fresh = performance.now() + ttl
      asking = undefined
    }
  }

  return {
    get() {
      if (performance.now() < fresh) return Promise.resolve({ ids, error: undefined })
      asking ??= look()
      return asking
    },
  }
}
