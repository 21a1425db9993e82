// The bodies of functions that decode what has parts, each as io-ts's own `validate` of that codec goes through them.
import { inside as look } from '../inside.ts'
import { isOddArray, literal, noRecord } from './conditions.ts'
import { membersOf } from './members.ts'
import type { Node, Of } from './node.ts'
import { quoted } from './program.ts'
import { here, type Policy, type Writer, within } from './site.ts'
import { structBody } from './struct.ts'
import { changes, isCrowded, isText, isUnclear } from './traits.ts'

type Lines = readonly string[]

export function bodyOf(node: Node, writer: Writer): Lines {
  if (writer.policy !== 'pass' && isUnclear(node)) return unclear(node, writer)
  const members = membersOf(node, writer.policy !== 'pass')
  if (members !== undefined) return structBody(members, writer)
  switch (node.kind) {
    case 'array':
      return array(node, writer)
    case 'tuple':
      return tuple(node, writer)
    case 'record':
      return record(node, writer)
    case 'one':
      return one(node, writer)
    case 'tagged':
      return tagged(node, writer)
    case 'all':
      return all(node, writer)
    case 'exact': {
      const lines = [`if (${noRecord('u')}) return wrong`]
      const result = writer.value(node.of, 'u', here, lines)
      return [...lines, `return keep(${result}, ${writer.program.constant(node.kept)})`]
    }
    default: {
      const lines: string[] = []
      const result = writer.value(node, 'u', here, lines)
      return [...lines, `return ${result}`]
    }
  }
}

/** Others look for unknown keys, and there may be none; then it is decoded as io-ts does. */
function unclear(node: Node, { program, bounded, by }: Writer): Lines {
  return [
    ...(bounded ? ['if (isUnsafe(u, d)) return doubt'] : []),
    `if (!isTidy(${program.constant(node.codec)}, u, d)) return doubt`,
    `return ${by('pass').functionOf(node)}(u, c, 0)`,
  ]
}

function array({ of }: Of<'array'>, { entry, value, policy }: Writer): Lines {
  const lines: string[] = []
  const result = value(of, 'v', { ...within, context: entry('String(i)', of.codec, 'v') }, lines)
  return [
    'if (!isArray(u)) return wrong',
    'let o = u',
    'const n = u.length',
    'for (let i = 0; i < n; i++) {',
    'const v = u[i]',
    ...lines,
    ...(changes(of, policy !== 'pass')
      ? [`if (${result} !== v) { if (o === u) ${copied(policy)}; o[i] = ${result} }`]
      : []),
    '}',
    'return o',
  ]
}

/** Somebody may have copied it before io-ts did. */
const copied = (policy: Policy): string =>
  policy === 'pass' ? 'o = u.slice()' : `{ if (${isOddArray}) return doubt; o = u.slice() }`

function tuple({ of }: Of<'tuple'>, { entry, value, policy, bounded }: Writer): Lines {
  const items = of.flatMap((item, at) => {
    const v = `v${at}`
    const lines = [`const ${v} = u[${at}]`]
    const result = value(item, v, { ...within, context: entry(quoted(`${at}`), item.codec, v) }, lines)
    if (result !== v) lines.push(`if (${result} !== ${v}) { if (o === u) ${copied(policy)}; o[${at}] = ${result} }`)
    return lines
  })
  // What is cut off is bounded in depth like all else.
  const cuts = policy === 'pass' || (policy === 'strip' && !bounded)
  return [
    'if (!isArray(u)) return wrong',
    'let o = u',
    `if (u.length > ${of.length}) ${cuts ? `o = u.slice(0, ${of.length})` : 'return doubt'}`,
    ...items,
    'return o',
  ]
}

function record(node: Of<'record'>, { entry, value, policy, program, bounded }: Writer): Lines {
  const { domain, of } = node
  const closing = policy !== 'pass'
  const builds = changes(node, closing)
  const key = program.fresh('key')
  const known: string[] = []
  const found = isText(domain)
    ? key
    : value(domain, key, { ...here, context: entry(key, domain.codec, key), fail: 'break known' }, known)
  // As a key of a new object it would be its prototype.
  if (closing || builds) known.push(`if (${found} === '__proto__') return doubt`)
  const result = value(of, 'v', { ...within, context: entry(found, of.codec, 'v') }, known)
  if (builds) known.push(`if (${found} !== ${key} || ${result} !== v) changed = true`, `o[${found}] = ${result}`)
  // What is left out is bounded in depth like all else.
  const drops = policy === 'pass' || (policy === 'strip' && !bounded)
  const any = look(of.codec)._tag === 'AnyType' ? [`if (isArray(u)) ${closing ? 'return doubt' : 'return u'}`] : []
  return [
    ...any,
    `if (${noRecord('u')}) return wrong`,
    'const keys = keysOf(u)',
    ...(builds ? ['let changed = false', 'const o = {}'] : []),
    'for (let i = 0; i < keys.length; i++) {',
    `const ${key} = keys[i]`,
    `const v = u[${key}]`,
    'known: {',
    ...known,
    'continue',
    '}',
    ...(isText(domain) ? [] : [drops ? 'changed = true' : 'return doubt']),
    '}',
    `return ${builds ? 'changed ? o : u' : 'u'}`,
  ]
}

/** The first member that takes it answers. */
function one({ of }: Of<'one'>, writer: Writer): Lines {
  // Which member that is, may change with what is left out.
  const inner = writer.policy !== 'pass' && isCrowded(of) ? writer.by('whole') : writer
  return [...of.flatMap((member, at) => alternative(member, at, inner)), 'return wrong']
}

/** One member of a union: it answers, or what follows it is tried. */
function alternative(member: Node, at: number, { entry, value, program }: Writer): Lines {
  const label = program.fresh('member')
  const lines: string[] = []
  const site = { ...here, context: entry(quoted(`${at}`), member.codec, 'u'), fail: `break ${label}` }
  const result = value(member, 'u', site, lines)
  return [`${label}: {`, ...lines, `return ${result}`, '}']
}

function tagged({ of, tag, groups }: Of<'tagged'>, writer: Writer): Lines {
  const cases = of.flatMap((member, at) => [
    ...(groups[at] ?? []).map((value) => `case ${literal(value, writer.program)}:`),
    ...alternative(member, at, writer),
    'return wrong',
  ])
  return [`if (${noRecord('u')}) return wrong`, `switch (u[${quoted(tag)}]) {`, ...cases, '}', 'return wrong']
}

function all({ of }: Of<'all'>, { entry, value }: Writer): Lines {
  const lines: string[] = []
  const results = of.map((member, at) =>
    value(member, 'u', { ...here, context: entry(quoted(`${at}`), member.codec, 'u') }, lines),
  )
  return [
    ...lines,
    `if (${results.map((result) => `${result} === u`).join(' && ')}) return u`,
    `return mergeAll(u, [${results.join(', ')}])`,
  ]
}
