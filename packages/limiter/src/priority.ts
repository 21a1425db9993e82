// How much a call matters, and where that is read.
import type { Context } from '@tenon/endpoint'

/** How much a call matters, from the most to the least. */
export type Priority = 'critical' | 'high' | 'normal' | 'low'

/** All of them, what matters most first. */
export const priorities: readonly Priority[] = ['critical', 'high', 'normal', 'low']

/** 0 for `critical` to 3 for `low`. */
export type Rank = 0 | 1 | 2 | 3

const ranks: ReadonlyMap<unknown, Rank> = new Map([
  ['critical', 0],
  ['high', 1],
  ['normal', 2],
  ['low', 3],
])

/** The rank where nobody says anything. */
export const usual: Rank = 2

/** A priority as a number, for those who write a limiter; what is none counts as `normal`. */
export const rankOf = (priority: unknown): Rank => ranks.get(priority) ?? usual

/**
 * What the metadata `x-priority` says; `normal` where it says nothing, or something else. Whoever calls writes it: where
 * callers are strangers, decide yourself (`priority` of `limit`).
 */
export function priorityOf(ctx: Context): Priority {
  const said = ctx.metadata.get('x-priority')
  return said === undefined ? 'normal' : (priorities[rankOf(said)] as Priority)
}
