// What is wrong with an input: where, what was expected, what kind of thing was there. Never the value itself.

/** One wrong field. */
export interface Issue {
  /** `items[0].sku`; empty for the whole value. A key that is a secret, or stands in one and is not the codec's, is `[redacted]`. */
  readonly path: string
  /** What the codec takes there: `string`, `"a" | "b"`, `Int`; `no such field` for a key that the contract does not know. */
  readonly expected: string
  /**
   * The kind of what was there, never the value: `string`, `number`, `boolean`, `null`, `array`, `object`, or `missing`.
   * `another string` where the kind is right and the value is not: `expected Email, got another string`. What a place or
   * a limit refuses is in a few words (`empty text`, `more`). Empty where `expected` says it all, in the words of a server
   * of another make.
   */
  readonly actual: string
  /**
   * Where an HTTP server looked for it, where the body is not the whole input: then the input's `path` is not what the
   * caller wrote. Absent over every other wire.
   */
  readonly in?: 'path' | 'query' | 'header' | 'body'
  /** What it is called there: `x-pin`; in a body its path from there, `''` for all of it. */
  readonly name?: string
}

/** How many issues a failure lists at most. */
export const maxIssues = 20

/** The kind of a value, as issues tell it. */
export const kindOf = (value: unknown): string =>
  value === undefined ? 'missing' : value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

/** What an issue expects where a key is not known. */
export const unknownField = 'no such field'

/** What is wrong, without where: `expected string, got number`, `expected string, but it is missing`, `no such field`. */
export function problemOf({ expected, actual }: Pick<Issue, 'expected' | 'actual'>): string {
  if (expected === unknownField || actual === '') return expected
  return actual === 'missing' ? `expected ${expected}, but it is missing` : `expected ${expected}, got ${actual}`
}

/** Issues in one line: `items[0].sku: expected string, got number (and 3 more)`, `pin (header x-pin): ...`. */
export function oneLine(issues: readonly Issue[]): string {
  const [first] = issues
  if (first === undefined) return 'the input is wrong'
  const others = issues.length > maxIssues ? `${maxIssues} or more` : `${issues.length - 1} more`
  return `${where(first)}${problemOf(first)}${issues.length > 1 ? ` (and ${others})` : ''}`
}

/** How an issue's line begins: `items[0].sku: `, `pin (header x-pin): `. */
export function where({ path, in: place, name }: Issue): string {
  if (place === undefined || name === undefined) return path === '' ? '' : `${path}: `
  return name === path || name === '' ? `${path} (${place}): ` : `${path} (${place} ${name}): `
}
