// Code that answers whether a value is of a codec's type, as io-ts's `is` does.
import { inside } from '../inside.ts'
import { literal, noneOf, noRecord, unfit } from './conditions.ts'
import type { Node, Of } from './node.ts'
import { type Program, quoted } from './program.ts'

/** What adds the functions that check nodes; the answer is the name of the one to call, `(value)`. */
export function checker(program: Program): (node: Node) => string {
  const names = new Map<Node, string>()

  function functionOf(node: Node): string {
    if (node.is && (node.kind === 'same' || node.kind === 'exact')) return functionOf(node.of)
    let name = names.get(node)
    if (name === undefined) {
      name = program.fresh('is')
      names.set(node, name)
      program.add(name, 'u', bodyOf(node))
    }
    return name
  }

  /** The statements that answer with false when the value of the variable is not of the node's type. */
  function unless(node: Node, v: string, no = 'return false', more = ''): readonly string[] {
    if (!node.is) {
      const codec = program.constant(node.codec)
      return [`if (!${more === '' ? `${codec}.is(${v})` : `(0, ${codec}.is)(${v}${more})`}) ${no}`]
    }
    switch (node.kind) {
      case 'leaf':
        return [`if (${unfit[node.leaf](v)}) ${no}`]
      case 'literals':
        return [`if (${noneOf(node.values, v, program)}) ${no}`]
      case 'refined':
        return [...unless(node.of, v, no), `if (!${program.constant(node.predicate)}(${v})) ${no}`]
      case 'same':
      case 'exact':
        return unless(node.of, v, no, more)
      case 'lazy':
        return unless(node.of(), v, no)
      default:
        return [`if (!${functionOf(node)}(${v})) ${no}`]
    }
  }

  function bodyOf(node: Node): readonly string[] {
    if (!node.is) return [...unless(node, 'u'), 'return true']
    switch (node.kind) {
      case 'struct':
        return [
          `if (${noRecord('u')}) return false`,
          ...node.fields.flatMap(({ key, node: field, optional }, at) => {
            const [v, name] = [`v${at}`, quoted(key)]
            return optional
              ? [`const ${v} = u[${name}]`, `if (${v} !== void 0) {`, ...unless(field, v), '}']
              : [
                  `const ${v} = u[${name}]`,
                  `if (${v} === void 0 && !has.call(u, ${name})) return false`,
                  ...unless(field, v),
                ]
          }),
          'return true',
        ]
      case 'array':
        return [
          'if (!isArray(u)) return false',
          `if (u.every !== every) return ${program.constant(node.codec)}.is(u)`,
          'const n = u.length',
          'for (let i = 0; i < n; i++) {',
          'const v = u[i]',
          'if (v === void 0 && !(i in u)) continue',
          ...unless(node.of, 'v', 'return false', ', i, u'),
          '}',
          'return true',
        ]
      case 'tuple':
        return [
          `if (!isArray(u) || u.length !== ${node.of.length}) return false`,
          ...node.of.flatMap((item, at) => [`const v${at} = u[${at}]`, ...unless(item, `v${at}`)]),
          'return true',
        ]
      case 'record':
        return recordBody(node)
      case 'all':
        return [...node.of.flatMap((member) => unless(member, 'u')), 'return true']
      case 'one':
        return [...node.of.flatMap(alternative), 'return false']
      case 'tagged':
        return [
          `if (${noRecord('u')}) return false`,
          `switch (u[${quoted(node.tag)}]) {`,
          ...node.of.flatMap((member, at) => [
            ...(node.groups[at] ?? []).map((value) => `case ${literal(value, program)}:`),
            ...unless(member, 'u'),
            'return true',
          ]),
          '}',
          'return false',
        ]
      default:
        return [...unless(node, 'u'), 'return true']
    }
  }

  function recordBody({ domain, of }: Of<'record'>): readonly string[] {
    const any = inside(of.codec)._tag === 'AnyType'
    return [
      `if (${noRecord('u')}) return ${any ? 'isArray(u)' : 'false'}`,
      'for (const k of keysOf(u)) {',
      ...unless(domain, 'k', 'continue'),
      'const v = u[k]',
      ...unless(of, 'v'),
      '}',
      'return true',
    ]
  }

  function alternative(member: Node): readonly string[] {
    const label = program.fresh('member')
    return [`${label}: {`, ...unless(member, 'u', `break ${label}`), 'return true', '}']
  }

  return functionOf
}
