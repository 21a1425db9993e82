// What of a suite under load is to be measured: what the filter lets through, and what that is compared with.
import { Refusal } from '../harness/refusal.ts'
import { atOnce } from './paces.ts'
import type { Calls, Parts } from './parts.ts'
import type { Scenario } from './rows.ts'
import type { Pairing } from './serving-rounds.ts'

export interface Chosen {
  readonly pairings: readonly Pairing[]
  readonly served: readonly Scenario[]
  readonly calls: readonly Calls[]
  readonly called: readonly Scenario[]
}

interface Named {
  readonly name: string
  readonly subject: string
  readonly again?: string
}

/** What the filter lets through, and always what that is compared with and its twin. */
export function chosen({ name: suite, exchanges, servers, calls }: Parts, filter: string | undefined): Chosen {
  const text = filter?.toLowerCase() ?? ''
  const holds = (...fields: string[]): boolean => fields.some((field) => field.toLowerCase().includes(text))
  const pick = <S extends Named>(subjects: readonly S[], ...about: string[]): S[] => {
    const found = holds(...about) ? subjects : subjects.filter(({ name, subject }) => holds(name, subject))
    if (found.length === 0) return []
    const [first] = subjects
    return subjects.filter((each) => each === first || each.again === first?.name || found.includes(each))
  }
  const served = exchanges
    .map(({ name, title }) => ({ name, title, unit: 'request' as const, atOnce, subjects: pick(servers, name, title) }))
    .filter(({ subjects }) => subjects.length > 0)
  const some = calls
    .map((each) => ({ ...each, clients: pick(each.clients, each.name, each.title) }))
    .filter(({ clients }) => clients.length > 0)
  if (served.length === 0 && some.length === 0)
    throw new Refusal(`--filter: nothing of "${suite}" contains "${filter}"`)
  return {
    pairings: served.flatMap(({ name, subjects }) => subjects.map((server) => ({ exchange: name, server }))),
    served,
    calls: some,
    called: some.map(({ clients, ...about }) => ({ ...about, unit: 'call', subjects: clients })),
  }
}
