// What a breaker is called in telemetry: by its option, else by what it wraps.
import type { MethodInfo } from '@tenon/endpoint'

/** Finds a name among what is wrapped. */
export interface Label {
  /** The name by now. */
  name(): string
  /** Something more is wrapped. */
  add(method: MethodInfo | undefined): void
}

/** A label: the name that was given, else the one method, else the one contract that is wrapped, else `breaker`. */
export function labelOf(name: string | undefined): Label {
  const methods = new Set<string>()
  const contracts = new Set<string>()
  return {
    name() {
      const [one, ...others] = methods.size === 1 ? methods : contracts
      return name ?? (one !== undefined && others.length === 0 ? one : 'breaker')
    },
    add(method) {
      if (method === undefined) return
      contracts.add(method.contract)
      methods.add(`${method.contract}/${method.name}`)
    },
  }
}
