// What an answer of Consul's says, as far as it is JSON.

/** `undefined` where it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
