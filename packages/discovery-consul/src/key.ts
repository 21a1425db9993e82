// Keys of Consul's KV.
import { jsonOf } from './json.ts'

/** @throws TypeError for what Consul would take for another key, or for none. */
export function keyOption(where: string, key: unknown): string {
  if (typeof key !== 'string' || key === '') throw new TypeError(`${where}: "key" is a text that is not empty`)
  if (/\p{C}/u.test(key))
    throw new TypeError(`${where}: "key" has characters that cannot be printed, which Consul refuses`)
  // Consul's web server tidies paths: it would answer with another place.
  const parts = key.replace(/\/$/, '').split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new TypeError(
      `${where}: "key" has parts between slashes, none of them empty or dots, and not ${JSON.stringify(key)}`,
    )
  return key
}

/** The key as a path. */
export const keyPath = (key: string): string => `/kv/${key.split('/').map(encodeURIComponent).join('/')}`

/** What Consul knows of a key. */
export interface Stored {
  readonly key: string
  readonly value: string
  /** When it was changed last, as Consul counts. */
  readonly index: number
  /** Whose it is, while it is locked. */
  readonly session: string | undefined
  readonly flags: number
}

/** The entries in an answer of the KV: `undefined` where it is none. */
export function storedOf(body: string): readonly Stored[] | undefined {
  const entries = jsonOf(body)
  if (!Array.isArray(entries)) return undefined
  const all = entries.map(oneOf)
  return all.every((one) => one !== undefined) ? all : undefined
}

function oneOf(entry: unknown): Stored | undefined {
  const { Key, Value, ModifyIndex, Session, Flags } = (entry ?? {}) as Record<string, unknown>
  if (typeof Key !== 'string' || typeof ModifyIndex !== 'number') return undefined
  return {
    key: Key,
    value: typeof Value === 'string' ? Buffer.from(Value, 'base64').toString() : '',
    index: ModifyIndex,
    session: typeof Session === 'string' && Session !== '' ? Session : undefined,
    flags: typeof Flags === 'number' ? Flags : 0,
  }
}
