// Compares two versions of a contract: what breaks between those who have the old one and those who have the new one.
import type { AnyContract } from '../contract.ts'
import type { Break } from './break.ts'
import { compareMethods } from './methods.ts'
import { type ContractSnapshot, isSnapshot, type Snapshot, snapshot } from './snapshot.ts'

/** What comes of a comparison. */
export interface Compatibility {
  /** Does nothing break, in the order in which things are deployed? */
  readonly compatible: boolean
  /** What breaks in that order. */
  readonly breaks: readonly Break[]
  /** What would break in another order. */
  readonly otherwise: readonly Break[]
}

/** How two versions are compared. */
export interface CompatOptions {
  /**
   * Who gets the new version first. With `'servers first'` old clients meet new servers, with `'clients first'` new
   * clients meet old servers, in `'any order'` both. Events are kept, so both always count. Default: `'servers first'`.
   */
  readonly deploy?: 'servers first' | 'clients first' | 'any order'
}

/** What can be compared: a contract, several, or a snapshot of them. */
export type Comparable = AnyContract | readonly AnyContract[] | Snapshot

const deploys: readonly unknown[] = ['servers first', 'clients first', 'any order'] satisfies CompatOptions['deploy'][]

/**
 * What breaks between an old version and the next one. Codecs are compared by what is on the wire; predicates and codecs
 * written by hand by their names. Where it finds nothing, everything that one side writes is taken by the other.
 *
 * @throws TypeError for a bad option.
 */
export function compat(
  old: Comparable,
  next: Comparable,
  { deploy = 'servers first' }: CompatOptions = {},
): Compatibility {
  if (!deploys.includes(deploy))
    throw new TypeError(`compat: deploy is one of ${deploys.join(', ')} and not ${JSON.stringify(deploy)}`)
  const [before, after] = [old, next].map((side) => (isSnapshot(side) ? side : snapshot(side))) as [Snapshot, Snapshot]
  const all = pairs(before, after).flatMap(([one, other]) => compareContracts(one, other, before, after))
  const kept = eventsOf(before)
  const counts = ({ path, breaks }: Break): boolean =>
    deploy === 'any order' ||
    kept.some((name) => path === name || path.startsWith(`${name}.`)) ||
    breaks === (deploy === 'servers first' ? 'old clients' : 'new clients')
  const breaks = all.filter(counts)
  return { compatible: breaks.length === 0, breaks, otherwise: all.filter((found) => !counts(found)) }
}

const eventsOf = ({ contracts }: Snapshot): readonly string[] =>
  contracts.flatMap(({ name, methods }) =>
    methods.filter(({ kind }) => kind === 'event').map((method) => `${name}/${method.name}`),
  )

type Pair = readonly [ContractSnapshot | undefined, ContractSnapshot | undefined]

/** Contracts by name; one against one, whatever their names. */
function pairs({ contracts: before }: Snapshot, { contracts: after }: Snapshot): readonly Pair[] {
  const [one, other] = [before[0], after[0]]
  if (before.length === 1 && after.length === 1 && one && other) return [[one, other]]
  const named = (list: readonly ContractSnapshot[], name: string) => list.find((found) => found.name === name)
  return [
    ...before.map((found): Pair => [found, named(after, found.name)]),
    ...after.filter(({ name }) => named(before, name) === undefined).map((found): Pair => [undefined, found]),
  ]
}

function compareContracts(
  old: ContractSnapshot | undefined,
  next: ContractSnapshot | undefined,
  before: Snapshot,
  after: Snapshot,
): readonly Break[] {
  if (old === undefined) return gone((next as ContractSnapshot).name, 'added', 'contract')
  if (next === undefined) return gone(old.name, 'removed', 'contract')
  const found: Break[] = []
  if (old.name !== next.name) {
    const message = `it is called ${next.name} now: that is another service to clients and servers`
    for (const breaks of ['old clients', 'new clients'] as const)
      found.push({ path: old.name, change: 'renamed', breaks, message })
  }
  for (const method of old.methods) {
    const other = next.methods.find(({ name }) => name === method.name)
    const path = `${old.name}/${method.name}`
    if (other === undefined) found.push(...gone(path, 'removed', 'method'))
    else found.push(...compareMethods(path, method, other, before, after))
  }
  for (const { name } of next.methods)
    if (!old.methods.some((method) => method.name === name))
      found.push(...gone(`${old.name}/${name}`, 'added', 'method'))
  return found
}

const gone = (path: string, change: 'removed' | 'added', what: string): readonly Break[] => [
  change === 'removed'
    ? { path, change, breaks: 'old clients', message: `old clients use this ${what}, new servers do not have it` }
    : { path, change, breaks: 'new clients', message: `new clients use this ${what}, old servers do not have it` },
]
