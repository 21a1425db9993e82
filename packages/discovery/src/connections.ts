// The connections of a set of instances: what stays keeps its own, what is new gets one, what vanished is let go.
import { type Instance, place } from './instance.ts'
import { Connection, type NodeWorld } from './node.ts'

export interface Connections<T> {
  /** Those that can be called, in order of their ids: the same array until something changes. */
  callable(): readonly Connection<T>[]
  /** Those of the last set, in order of their ids. */
  current(): readonly Connection<T>[]
  /** Those whose instances are gone, until they are closed. */
  former(): readonly Connection<T>[]
  /** The complete set now. New connections are made, then the list is swapped, then vanished ones are let go. */
  update(instances: readonly Instance[]): void
  /** Lets go of everything. */
  drop(): void
  /** When everything that was let go of is closed. */
  closed(): Promise<void>
}

/** `changed` hears of every change, `swapped` says whether `callable` is another list. */
export function connections<T>(
  world: Omit<NodeWorld<T>, 'changed'>,
  changed: (swapped: boolean) => void,
): Connections<T> {
  let current = new Map<string, Connection<T>>()
  /** Gone from the set, still called because their successors are not connected yet. */
  const lingering = new Set<Connection<T>>()
  const leaving = new Set<Connection<T>>()
  let callable: readonly Connection<T>[] = []
  let pending: readonly Instance[] | undefined
  let opening = false
  let scheduled = false

  const inner: NodeWorld<T> = {
    ...world,
    // Connections that are made at the same time are one change.
    changed() {
      if (opening || scheduled) return
      scheduled = true
      queueMicrotask(() => {
        scheduled = false
        refresh(false)
      })
    },
  }

  function retire(node: Connection<T>): Promise<void> {
    leaving.add(node)
    return node.retire().then(() => {
      if (node.state === 'closed') leaving.delete(node)
    })
  }

  function refresh(news: boolean): void {
    const nodes = [...current.values()]
    const ready = nodes.filter((node) => node.state === 'ready')
    // Rather an instance that is said to be gone than none at all, while others are about to come.
    const stay = ready.length === 0 && lingering.size > 0 && nodes.some((node) => node.state === 'connecting')
    const next = stay ? [...lingering] : ready
    const swapped = news || next.length !== callable.length || next.some((node, at) => node !== callable[at])
    if (swapped) callable = next
    changed(swapped)
    if (stay) return
    const gone = [...lingering]
    lingering.clear()
    for (const node of gone) void retire(node)
  }

  function reconcile(instances: readonly Instance[]): void {
    const before = current
    const former = new Map([...leaving, ...lingering].map((node) => [place(node.instance), node]))
    const fresh: Connection<T>[] = []
    let news = false
    current = new Map()
    for (const instance of instances) {
      let node = before.get(instance.id)
      if (node === undefined || place(node.instance) !== place(instance)) node = back(former.get(place(instance)))
      if (node === undefined) {
        node = new Connection(instance, inner)
        fresh.push(node)
      } else if (node.instance !== instance) {
        // Its weight or tags may be others now.
        node.instance = instance
        news = true
      }
      current.set(instance.id, node)
    }
    for (const node of before.values()) {
      if (current.get(node.id) === node) continue
      if (node.state === 'ready') lingering.add(node)
      else void retire(node)
    }
    opening = true
    for (const node of fresh) node.open()
    opening = false
    refresh(news)
  }

  /** An instance that is back before its connection was closed keeps it. */
  function back(node: Connection<T> | undefined): Connection<T> | undefined {
    if (node === undefined || lingering.delete(node)) return node
    if (!node.revive()) return undefined
    leaving.delete(node)
    return node
  }

  return {
    callable: () => callable,
    current: () => [...current.values()],
    former: () => [...lingering, ...leaving],
    update(instances) {
      pending = instances
      // A factory that changes the set while it runs is heard when it is done.
      while (!opening && pending !== undefined) {
        const next = pending
        pending = undefined
        reconcile(next)
      }
    },
    drop() {
      pending = undefined
      for (const node of current.values()) lingering.add(node)
      current = new Map()
      refresh(false)
    },
    closed: () => Promise.all(Array.from(leaving, retire)).then(() => undefined),
  }
}
