// Virtual time for simulations: what happens runs in order of its moment, and promises settle in between.
import { type Clock, sleepOn, type Timer } from '@tenon/endpoint'

export interface Timeline {
  /** For what takes a clock: contexts, endpointers, policies. Starts at 0, milliseconds. */
  readonly clock: Clock
  /** Runs `happens` at that moment; of two at the same moment, the one that was planned first. What it promises is awaited before time goes on. */
  plan(when: number, happens: () => unknown): void
  /** Lets time pass until this moment: everything that is planned up to it has happened then. */
  until(end: number): Promise<void>
}

interface Planned extends Timer {
  readonly when: number
  readonly order: number
  happens: (() => unknown) | undefined
}

const before = (a: Planned, b: Planned): boolean => a.when < b.when || (a.when === b.when && a.order < b.order)

/** A timeline on which nothing is planned. */
export function timeline(): Timeline {
  let now = 0
  let order = 0
  const heap: Planned[] = []

  function plan(when: number, happens: () => unknown): Planned {
    const planned: Planned = {
      when: Math.max(when, now),
      order: order++,
      happens,
      cancel() {
        planned.happens = undefined
      },
    }
    push(heap, planned)
    return planned
  }

  const clock: Clock = { now: () => now, at: plan, sleep: (ms, signal) => sleepOn(clock, ms, signal) }
  return {
    clock,
    plan,
    async until(end) {
      for (let [next] = heap; next !== undefined && next.when <= end; [next] = heap) {
        pop(heap)
        if (next.happens === undefined) continue
        now = next.when
        const done = next.happens()
        if (done instanceof Promise) await done
      }
      now = end
    },
  }
}

// A binary heap: thousands of calls are under way at once, and a scan for the next event would cost more than all else.
function push(heap: Planned[], planned: Planned): void {
  let at = heap.length
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above] as Planned
    if (!before(planned, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = planned
}

function pop(heap: Planned[]): void {
  const last = heap.pop() as Planned
  const size = heap.length
  if (size === 0) return
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    if (below >= size) break
    if (below + 1 < size && before(heap[below + 1] as Planned, heap[below] as Planned)) below++
    const child = heap[below] as Planned
    if (!before(child, last)) break
    heap[at] = child
    at = below
  }
  heap[at] = last
}
