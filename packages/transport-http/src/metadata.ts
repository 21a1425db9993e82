// A request's headers as metadata, looked up where Node put them: copying them into a map would cost every call what
// few of them need.
import type { IncomingHttpHeaders } from 'node:http'
import type { Metadata } from '@tenon/endpoint'

export class HeaderMetadata implements Metadata {
  readonly #headers: IncomingHttpHeaders

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers
  }
  get size(): number {
    return Object.keys(this.#headers).length
  }
  has(key: string): boolean {
    return Object.hasOwn(this.#headers, key)
  }
  get(key: string): string | undefined {
    // Node's record has Object's prototype: a look-up of "constructor" must not find it.
    if (!Object.hasOwn(this.#headers, key)) return undefined
    const value = this.#headers[key]
    return Array.isArray(value) ? value.join(', ') : value
  }
  *entries(): MapIterator<[string, string]> {
    for (const key of Object.keys(this.#headers)) yield [key, this.get(key) as string]
  }
  keys(): MapIterator<string> {
    return Object.keys(this.#headers).values() as MapIterator<string>
  }
  *values(): MapIterator<string> {
    for (const [, value] of this.entries()) yield value
  }
  forEach(each: (value: string, key: string, map: Metadata) => void, self?: unknown): void {
    for (const [key, value] of this.entries()) each.call(self, value, key, this)
  }
  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries()
  }
}
