// The HTTP bindings of a contract's methods: made and checked when the contract is, looked up by transports.
import { binding } from './binding.ts'
import type { HttpBinding, HttpRule } from './http.ts'
import type { PlacedMethod } from './method.ts'
import { place } from './placement.ts'
import { shapeOf } from './shape.ts'

const made = new WeakMap<PlacedMethod, readonly HttpBinding[]>()

/**
 * The HTTP bindings of a method of a contract; the first is the one that clients use. Empty for events and for methods
 * whose input is a stream.
 */
export const bindings = (method: PlacedMethod): readonly HttpBinding[] => made.get(method) ?? []

/**
 * Makes the bindings of a contract's methods.
 *
 * @throws TypeError naming contract, method and field, for what cannot work or clashes.
 */
export function bind(methods: readonly PlacedMethod[]): void {
  const patterns = new Map<string, string>()
  for (const method of methods) {
    const where = `${method.contract}.${method.name}`
    if (method.kind !== 'unary' && method.kind !== 'serverStream') {
      if (method.http.length > 0)
        throw new TypeError(
          `${where}: its input is ${method.kind === 'event' ? 'an event' : 'a stream'}: no http binding`,
        )
      continue
    }
    const rules = method.http.length > 0 ? method.http : [unbound(method)]
    const found = rules.map((rule) => binding(place(where, rule, shapeOf(method.input))))
    for (const { pattern, verb, path } of found) {
      const other = patterns.get(pattern)
      if (other !== undefined) throw new TypeError(`${where} (${verb} ${path}): the same route as that of ${other}`)
      patterns.set(pattern, `${where} (${verb} ${path})`)
    }
    made.set(method, found)
  }
}

const unbound = ({ contract, name }: PlacedMethod): HttpRule => ({ route: `POST /${contract}/${name}` })
