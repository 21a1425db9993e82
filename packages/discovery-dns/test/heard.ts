// What a subscriber hears, and waiting for it: by events of the instancer, never by a time.
import type { Instancer, InstanceState } from '@tenon/discovery'

export interface Heard extends Disposable {
  readonly states: readonly InstanceState[]
  readonly last: () => InstanceState
  /** The addresses of the last state, `undefined` while nothing is known. */
  readonly addresses: () => readonly string[] | undefined
  /** Resolves with the first state from now on that is so, the present one included. */
  readonly until: (so: (state: InstanceState) => boolean) => Promise<InstanceState>
}

export function heard(instancer: Instancer): Heard {
  const states: InstanceState[] = []
  const waiting = new Set<(state: InstanceState) => void>()
  const last = (): InstanceState => states.at(-1) as InstanceState
  const subscription = instancer.subscribe((state) => {
    states.push(state)
    for (const hear of waiting) hear(state)
  })
  return {
    states,
    last,
    addresses: () => last().instances?.map(({ address }) => address),
    until: (so) =>
      new Promise((resolve) => {
        const hear = (state: InstanceState): void => {
          if (!so(state)) return
          waiting.delete(hear)
          resolve(state)
        }
        waiting.add(hear)
        hear(last())
      }),
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

export const known = ({ instances, error }: InstanceState): boolean => instances !== undefined && error === undefined
export const failed = ({ error }: InstanceState): boolean => error !== undefined
