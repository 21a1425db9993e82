// Header lines as they come off the wire, as hooks see them, and back: order, repetitions and the case of names stay.
import type { Headers } from '../reply.ts'

/** Header lines in the form of hooks, and how their names were written. */
export interface Lines {
  /** Without a prototype, so that a header called `__proto__` is one like any other. */
  readonly headers: Headers
  /** The names that were not lower-case, as they came. */
  readonly names: ReadonlyMap<string, string>
}

/** Reads Node's flat list of names and values; the lines whose lower-case name is `dropped` are left out. */
export function readLines(raw: readonly string[], dropped: (name: string) => boolean): Lines {
  const headers: Headers = Object.create(null)
  const names = new Map<string, string>()
  for (let at = 0; at < raw.length; at += 2) {
    const written = raw[at] as string
    const name = written.toLowerCase()
    if (dropped(name)) continue
    const value = raw[at + 1] as string
    const before = headers[name]
    if (before === undefined) {
      headers[name] = value
      if (name !== written) names.set(name, written)
    } else headers[name] = typeof before === 'string' ? [before, value] : [...before, value]
  }
  return { headers, names }
}

/** The flat list again, but for the names that are `dropped`: what hooks added comes last, in lower case. */
export function writeLines({ headers, names }: Lines, dropped: (name: string) => boolean): string[] {
  const raw: string[] = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined || dropped(name.toLowerCase())) continue
    const written = names.get(name) ?? name
    if (typeof value === 'string') raw.push(written, value)
    else for (const one of value) raw.push(written, one)
  }
  return raw
}

/** The members of a header that is a list (RFC 9110, 5.6.1), of all its lines, in lower case. */
export function members(raw: readonly string[], name: string): string[] {
  const all: string[] = []
  for (let at = 0; at < raw.length; at += 2)
    if ((raw[at] as string).toLowerCase() === name)
      for (const member of (raw[at + 1] as string).split(',')) {
        const text = member.trim().toLowerCase()
        if (text !== '') all.push(text)
      }
  return all
}
