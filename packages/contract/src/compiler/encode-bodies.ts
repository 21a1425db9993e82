// The bodies of functions that encode what has parts.
import { isOddArray, literal, noObject, noRecord, notANumber } from './conditions.ts'
import { type Encoder, tidied } from './encoder.ts'
import { keyed, type Read } from './keyed.ts'
import { type Members, membersOf } from './members.ts'
import type { Node, Of } from './node.ts'
import { quoted } from './program.ts'
import { inherited, ordinary } from './struct.ts'
import { isCrowded, isText, isTouchy, isUnclear } from './traits.ts'

type Lines = readonly string[]

export function encodeBody(node: Node, encoder: Encoder): Lines {
  if (node.encode === 'opaque') return answer(node, encoder)
  const closing = encoder.keys !== 'pass'
  const simple = closing ? !isUnclear(node) : node.kind === 'exact'
  const members = simple ? membersOf(node, closing) : undefined
  if (members !== undefined) return object(members, node, encoder)
  switch (node.kind) {
    case 'array':
      return array(node, encoder)
    case 'tuple':
      return tuple(node, encoder)
    case 'tagged':
      return tagged(node, encoder)
  }
  if (node.kind === 'one' && !isUnclear(node)) return one(node, encoder)
  if (node.kind === 'record' && isText(node.domain) && node.domain.encode === 'identity') return record(node, encoder)
  if (closing && partsHaveKeys(node)) return unclear(node, encoder)
  switch (node.kind) {
    case 'struct':
      return struct(node, encoder)
    case 'one':
      return one(node, encoder)
    case 'all': {
      const lines: string[] = []
      const results = node.of.map((member) => encoder.value(member, 'u', 'method', lines))
      return [...lines, `return mergeAll(u, [${results.join(', ')}])`]
    }
    case 'exact': {
      const lines = [`if (${noObject('u')}) return doubt`, `const v = keep(u, ${encoder.program.constant(node.kept)})`]
      const result = encoder.value(node.of, 'v', 'method', lines)
      return [...lines, `return ${result}`]
    }
    case 'record':
      return [`return ${encoder.program.constant(node.codec)}.encode(u)`]
    default:
      return answer(node, encoder)
  }
}

const partsHaveKeys = ({ kind }: Node): boolean =>
  kind === 'all' || kind === 'exact' || kind === 'record' || kind === 'one'

/** Others leave out unknown keys first; then it is encoded as io-ts does. */
function unclear(node: Node, { program, keys, by }: Encoder): Lines {
  return [
    `const t = ${tidied(program.constant(node.codec), 'u')}`,
    ...(keys === 'whole' ? ['if (t !== u) return doubt'] : []),
    ...answer(node, by('pass'), 't'),
  ]
}

function answer(node: Node, { value }: Encoder, v = 'u'): Lines {
  const lines: string[] = []
  const result = value(node, v, 'method', lines)
  return [...lines, `return ${result}`]
}

/** As `t.type` and `t.partial` do it: a copy of all there is, with what is encoded in its place. */
function struct({ fields }: Of<'struct'>, { needs, value }: Encoder): Lines {
  const lines = [`if (${noRecord('u')} || has.call(u, '__proto__')) return doubt`, 'const o = { ...u }']
  for (const [at, { key, node, optional }] of fields.entries()) {
    if (!optional && !needs(node)) continue
    const [v, name] = [`v${at}`, quoted(key)]
    const inner: string[] = []
    const result = value(node, v, optional ? 'method' : 'function', inner)
    lines.push(
      `const ${v} = u[${name}]`,
      `${optional ? `if (${v} !== void 0) ` : ''}{`,
      ...inner,
      `o[${name}] = ${result}`,
      '}',
    )
  }
  return [...lines, 'return o']
}

/** An object of which nothing is left but what the codec knows. */
function object(members: Members, node: Node, { program, keys, needs, value }: Encoder): Lines {
  const lines = [`if (${noRecord('u')}) return doubt`]
  const reads = members.fields.map(({ key, node: field, optional }): Read => {
    const v = program.fresh('v')
    lines.push(`const ${v} = u[${quoted(key)}]`, ...inherited(key, v))
    if (!needs(field)) return { key, optional, v, r: v, differs: false, fills: false, empty: true }
    lines.push(notANumber(v))
    const [r, inner] = [program.fresh('r'), [] as string[]]
    const result = value(field, v, optional ? 'method' : 'function', inner)
    if (!optional) {
      lines.push(...inner)
      return { key, optional, v, r: result, differs: true, fills: false, empty: true }
    }
    lines.push(`let ${r} = ${v}`, `if (${v} !== void 0) {`, ...inner, `${r} = ${result}`, '}')
    return { key, optional, v, r, differs: true, fills: false, empty: true }
  })
  const renews = !isCopied(node)
  const what = { members, reads, policy: keys, bounded: false, renews, depth: '0', decoding: false } as const
  return [...lines, ...ordinary, ...keyed(what, program)]
}

/** Is it the same object that comes out, when nothing is left out of it? */
function isCopied(node: Node): boolean {
  if (node.kind === 'all') return node.of.every(isCopied)
  if (node.kind === 'exact' || node.kind === 'same') return isCopied(node.of)
  return node.encode === 'identity'
}

function array({ of, encode }: Of<'array'>, { value }: Encoder): Lines {
  const lines: string[] = []
  const result = value(of, 'v', 'map', lines)
  const whole = encode === 'identity'
  return [
    `if (!isArray(u) || ${isOddArray}) return doubt`,
    'const n = u.length',
    whole ? 'let o = u' : 'const o = new List(n)',
    'for (let i = 0; i < n; i++) {',
    'const v = u[i]',
    'if (v === void 0 && !(i in u)) return doubt',
    ...(whole ? [notANumber('v')] : []),
    ...lines,
    whole ? `if (${result} !== v) { if (o === u) o = u.slice(); o[i] = ${result} }` : `o[i] = ${result}`,
    '}',
    'return o',
  ]
}

function tuple({ of, encode }: Of<'tuple'>, { value }: Encoder): Lines {
  const lines = [`if (!isArray(u) || ${isOddArray}) return doubt`]
  const results = of.map((item, at) => {
    lines.push(`const v${at} = u[${at}]`, ...(encode === 'identity' ? [notANumber(`v${at}`)] : []))
    return value(item, `v${at}`, 'method', lines)
  })
  if (encode !== 'identity') return [...lines, `return [${results.join(', ')}]`]
  const stores = results.flatMap((result, at) =>
    result === `v${at}` ? [] : [`if (${result} !== v${at}) { if (o === u) o = u.slice(); o[${at}] = ${result} }`],
  )
  return [...lines, 'let o = u', ...stores, 'return o']
}

function record({ of }: Of<'record'>, { needs, value, keys }: Encoder): Lines {
  const lines: string[] = []
  const whole = of.encode === 'identity'
  const clean = `if (${noRecord('u')} || has.call(u, '__proto__')) return doubt`
  if (!needs(of)) return [keys === 'pass' ? `if (${noRecord('u')}) return doubt` : clean, 'return u']
  const result = value(of, 'v', 'method', lines)
  return [
    clean,
    'const o = {}',
    ...(whole ? ['let changed = false'] : []),
    'for (const k of keysOf(u)) {',
    'const v = u[k]',
    ...(whole ? [notANumber('v')] : []),
    ...lines,
    ...(whole ? [`if (${result} !== v) changed = true`] : []),
    `o[k] = ${result}`,
    '}',
    `return ${whole ? 'changed ? o : u' : 'o'}`,
  ]
}

/** The first member of whose type the value is encodes it. */
function one({ of }: Of<'one'>, encoder: Encoder): Lines {
  // Which member that is, may change with what is left out.
  const inner = encoder.keys === 'strip' && (isCrowded(of) || of.some(isTouchy)) ? encoder.by('whole') : encoder
  return [
    ...of.flatMap((member) => [`if (${encoder.checkOf(member)}(u)) {`, ...answer(member, inner), '}']),
    'return doubt',
  ]
}

function tagged({ of, tag, groups }: Of<'tagged'>, encoder: Encoder): Lines {
  const cases = of.flatMap((member, at) => [
    ...(groups[at] ?? []).map((each) => `case ${literal(each, encoder.program)}:`),
    '{',
    ...answer(member, encoder),
    '}',
  ])
  return [`if (${noRecord('u')}) return doubt`, `switch (u[${quoted(tag)}]) {`, ...cases, '}', 'return doubt']
}
