// Code for an object all of whose keys count: what comes out is the object itself where nothing is to be changed or left
// out, as in io-ts, else a new one with the keys in the order that io-ts gives them.
import type { Arrangement } from './arranged.ts'
import { doubted } from './conditions.ts'
import type { Members } from './members.ts'
import { type Program, quoted } from './program.ts'
import type { Policy } from './site.ts'

/** A field that was read: the variables of its value and of its result, and whether these may differ. */
export interface Read {
  readonly key: string
  readonly optional: boolean
  readonly v: string
  readonly r: string
  readonly differs: boolean
  /** May it have a result where it has no value? */
  readonly fills: boolean
  /** May it be there, and be `undefined`? */
  readonly empty: boolean
}

export interface Keyed {
  readonly members: Members
  readonly reads: readonly Read[]
  readonly policy: Policy
  readonly bounded: boolean
  /** Is there always a new object? */
  readonly renews: boolean
  /** Code for the depth. */
  readonly depth: string
  readonly decoding: boolean
}

/** The statements after the fields of `u` were read. */
export function keyed(what: Keyed, program: Program): readonly string[] {
  const { members, reads, policy, depth } = what
  const list = (of: 'v' | 'r'): string => `[${reads.map((read) => read[of]).join(', ')}]`
  return [
    'other: {',
    ...(members.apart === undefined
      ? [...justThese(reads), ...whole(what)]
      : [...justThese(reads, true), ...apart(what, members.apart.core)]),
    '}',
    `return arranged(${program.constant(arrangement(what))}, u, ${policy === 'pass' ? 0 : depth}, ${list('v')}, ${list('r')})`,
  ]
}

/** Bits of a number that are quick to set and to compare. */
const bits = 30
/** So many keys are compared one by one; more by their length first. */
const few = 8

/**
 * Leaves the block when the keys of `u` are not those of the fields that have a value. Required ones may be `undefined`,
 * but must be there. By `for in`, which costs half of what a list of keys costs: what is hidden in a plain object (own,
 * and not enumerable) is not seen.
 */
function justThese(reads: readonly Read[], inOrder = false): readonly string[] {
  if (inOrder && reads.length > bits) return ['break other']
  return inOrder || reads.some(({ optional }) => optional) ? marked(reads, inOrder) : counted(reads)
}

/** Where all of them must be there, as many known keys as there are fields are the fields. */
function counted(reads: readonly Read[]): readonly string[] {
  const unknown = reads.map(({ key }) => `k !== ${quoted(key)}`).join(' && ')
  const known =
    reads.length <= few
      ? [`if (${unknown === '' ? 'true' : unknown}) break other`, 'n++']
      : [...found(reads.map(({ key }) => ({ key, code: `case ${quoted(key)}: n++; continue` }))), 'break other']
  return ['let n = 0', 'for (const k in u) {', ...known, '}', `if (n !== ${reads.length}) break other`]
}

/** A bit for each key; `inOrder`: none may come after one that it stands before. */
function marked(reads: readonly Read[], inOrder: boolean): readonly string[] {
  const masks = Array.from({ length: Math.ceil(reads.length / bits) }, (_, at) => `m${at}`)
  const cases = reads.map(({ key }, at) => {
    const [mask, bit] = [masks[Math.floor(at / bits)], 1 << (at % bits)]
    const order = inOrder ? `if (${mask} >= ${bit}) break other; ` : ''
    return { key, code: `case ${quoted(key)}: ${order}${mask} |= ${bit}; continue` }
  })
  const expected = masks.map((mask, chunk) => {
    const own = reads.slice(chunk * bits, (chunk + 1) * bits)
    const required = own.reduce((sum, { optional }, at) => (optional ? sum : sum | (1 << at)), 0)
    const present = own.flatMap(({ optional, v }, at) => (optional ? [`(${v} === void 0 ? 0 : ${1 << at})`] : []))
    return `if (${mask} !== (${[required, ...present].join(' | ')})) break other`
  })
  const known = cases.length <= few ? ['switch (k) {', ...cases.map(({ code }) => code), '}'] : found(cases)
  return [...masks.map((mask) => `let ${mask} = 0`), 'for (const k in u) {', ...known, 'break other', '}', ...expected]
}

/** The cases for many keys: a string is compared with those of its length. */
function found(cases: readonly { readonly key: string; readonly code: string }[]): readonly string[] {
  const lengths = Map.groupBy(cases, ({ key }) => key.length)
  return [
    'switch (k.length) {',
    ...[...lengths].flatMap(([length, some]) => [
      `case ${length}:`,
      'switch (k) {',
      ...some.map(({ code }) => code),
      '}',
      'break',
    ]),
    '}',
  ]
}

/** All keys are known and there: nothing can be left out. */
function whole({ members, reads, policy, renews }: Keyed): readonly string[] {
  const changing = reads.filter(({ differs }) => differs)
  const stores = changing.map(({ key, v, r }) => `if (${r} !== ${v}) o[${quoted(key)}] = ${r}`)
  if (!renews && changing.length === 0) return ['return u']
  const same = renews ? [] : [`if (${changing.map(({ v, r }) => `${r} === ${v}`).join(' && ')}) return u`]
  if (members.merged) return [...same, ...copiedByKeys, ...stores, 'return o']
  // Whether a symbol stays depends on whether somebody copied the object before io-ts did.
  const symbols = policy === 'pass' ? [] : ['if (symbolsOf(u).length > 0) return doubt']
  return [...same, ...symbols, 'const o = { ...u }', ...stores, 'return o']
}

export const copiedByKeys: readonly string[] = ['const o = copyByKeys(u)', doubted('o')]

/** io-ts reads what comes after the first change from its copy, where what is inherited or hidden is missing. */
export const seen = (reads: readonly Read[]): readonly string[] =>
  reads.flatMap(({ key, v, empty }) => {
    const name = quoted(key)
    const hidden = `${v} === void 0 && has.call(u, ${name}) && !has.call(o, ${name})`
    return [`if (o[${name}] !== ${v}${empty ? ` || (${hidden})` : ''}) return doubt`]
  })

/** The strict members of an intersection have left out the keys of the others. */
function apart({ reads, renews }: Keyed, core: ReadonlySet<string>): readonly string[] {
  const outside = reads.filter(({ key }) => !core.has(key))
  const always = renews || outside.some(({ optional }) => !optional)
  const same = [
    ...outside.map(({ v }) => `${v} === void 0`),
    ...reads.flatMap(({ v, r, differs }) => (differs ? [`${r} === ${v}`] : [])),
  ]
  const firstOptional = reads.findIndex(({ optional }) => optional)
  const [before, after] = firstOptional < 0 ? [reads, []] : [reads.slice(0, firstOptional), reads.slice(firstOptional)]
  return [
    ...(always ? [] : [`if (${same.length === 0 ? 'true' : same.join(' && ')}) return u`]),
    // A result without a value comes last in its member.
    ...reads.flatMap(({ optional, fills, v, r }) =>
      optional && fills ? [`if (${v} === void 0 && ${r} !== void 0) return doubt`] : [],
    ),
    `const o = { ${before.map((read) => `${quoted(read.key)}: ${final(read)}`).join(', ')} }`,
    ...after.map(
      (read) => `${read.optional ? `if (${read.v} !== void 0) ` : ''}o[${quoted(read.key)}] = ${final(read)}`,
    ),
    'return o',
  ]
}

/** Of equal values what was there stays: it may be the other zero. */
const final = ({ v, r, differs }: Read): string => (differs ? `${r} === ${v} ? ${v} : ${r}` : v)

function arrangement({ members, reads, policy, bounded, renews, decoding }: Keyed): Arrangement {
  const keys = reads.map(({ key }) => key)
  return {
    keys,
    places: new Map(keys.map((key, at) => [key, at])),
    optional: reads.map(({ optional }) => optional),
    others: policy === 'pass' ? (members.closed ? 'drop' : 'keep') : policy === 'strip' ? 'drop' : 'doubt',
    empty: policy === 'pass' ? 'keep' : policy === 'whole' ? 'doubt' : 'drop',
    fills: decoding,
    renews,
    core: members.apart?.core,
    first: members.apart?.first ?? [],
    bounded: bounded && policy === 'strip',
  }
}
