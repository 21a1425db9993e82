// What a policy is called in telemetry: by its option, else by what it wraps.
import type { MethodInfo } from '@tenon/endpoint'

/** Learns what a policy wraps, and tells what to call it. */
export interface Naming {
  /** The name given; else `<contract>/<method>` where it wraps one, the contract where all are of one, or `otherwise`. */
  name(): string
  /** It wraps this one too. */
  add(method: MethodInfo | undefined): void
}

/** The naming of one policy. */
export function naming(name: string | undefined, otherwise: string): Naming {
  const methods = new Set<string>()
  const contracts = new Set<string>()
  return {
    name() {
      const [one, ...others] = methods.size === 1 ? methods : contracts
      return name ?? (one !== undefined && others.length === 0 ? one : otherwise)
    },
    add(method) {
      if (method === undefined) return
      contracts.add(method.contract)
      methods.add(`${method.contract}/${method.name}`)
    },
  }
}
