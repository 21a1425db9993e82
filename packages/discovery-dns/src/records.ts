// What a question comes to: records of the name, or of the one that it is an alias of, and how long that may be believed.
import type { Ask } from './asking.ts'
import { DnsError } from './dns-error.ts'
import type { Answer, Question, Resource } from './message.ts'

/** Records of one type. None: the name does not exist, or has none of them. */
export interface Records<T extends Question['type']> {
  readonly records: readonly Extract<Resource, { readonly type: T }>[]
  /** Seconds for which all of it may be believed. */
  readonly ttl: number
  /** What the server sent along without being asked, of any name. */
  readonly additional: readonly Resource[]
}

/** So many aliases in a row are followed. */
const mostAliases = 8

/** Asks for a name's records, and follows aliases where the server does not. */
export async function recordsOf<T extends Question['type']>(
  ask: Ask,
  name: string,
  type: T,
  signal: AbortSignal,
): Promise<Records<T>> {
  let at = name
  let ttl = Number.POSITIVE_INFINITY
  for (let asked = 0; asked < mostAliases; asked++) {
    const answer = await ask({ name: at, type }, signal)
    const end = followed(answer, at)
    ttl = Math.min(ttl, end.ttl)
    const found = answer.answers.filter((one) => one.type === type && one.name === end.name)
    if (found.length > 0)
      return {
        records: found as unknown as Records<T>['records'],
        ttl: Math.min(ttl, ...found.map((one) => one.ttl)),
        additional: answer.additional,
      }
    if (end.name === at || answer.code === 'NXDOMAIN')
      return { records: [], ttl: Math.min(ttl, negative(answer)), additional: [] }
    at = end.name
  }
  throw new DnsError('MALFORMED', '', `${name} is an alias of an alias, and so on for more than ${mostAliases}`)
}

/** Where the aliases in an answer lead. */
function followed({ answers }: Answer, name: string): { readonly name: string; readonly ttl: number } {
  let at = name
  let ttl = Number.POSITIVE_INFINITY
  for (let hop = 0; hop < answers.length; hop++) {
    const alias = answers.find((one) => one.type === 'CNAME' && one.name === at)
    if (alias?.type !== 'CNAME') break
    at = alias.target
    ttl = Math.min(ttl, alias.ttl)
  }
  return { name: at, ttl }
}

/** Seconds for which it may be believed that there is nothing (RFC 2308, 5); 0 when the server does not say. */
function negative({ authority }: Answer): number {
  const soa = authority.find((one) => one.type === 'SOA')
  return soa?.type === 'SOA' ? Math.min(soa.ttl, soa.minimum) : 0
}
