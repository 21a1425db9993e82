// Code that decodes: what io-ts does with a value that fits. It answers `wrong` where the value does not fit, and
// `doubt` where io-ts must decide; what is wrong with a value is never found out here.
import { inside } from '../inside.ts'
import { bodyOf } from './bodies.ts'
import { doubted, isObject, isOpen, noneOf, notANumber, unfit } from './conditions.ts'
import type { Node } from './node.ts'
import type { Program } from './program.ts'
import type { Policy, Site, Writer } from './site.ts'
import { anywhere, asks, losesKeys } from './traits.ts'

/** What adds functions that decode `root` and what is in it. */
export function decoder(program: Program, root: Node): (policy: Policy) => Writer {
  const writers = new Map<Policy, Writer>()
  const recursive = anywhere(root, ({ kind }) => kind === 'lazy')

  function by(policy: Policy): Writer {
    let found = writers.get(policy)
    if (found === undefined) {
      // io-ts is asked how deep a value of a recursion may be where somebody stands before it who bounds that.
      found = writer(program, policy, policy !== 'pass' && recursive, by)
      writers.set(policy, found)
    }
    return found
  }
  return by
}

function writer(program: Program, policy: Policy, bounded: boolean, by: (policy: Policy) => Writer): Writer {
  const closing = policy !== 'pass'
  const names = new Map<Node, string>()
  const self: Writer = { program, policy, bounded, by, functionOf, value, entry }

  function functionOf(node: Node): string {
    let name = names.get(node)
    if (name === undefined) {
      name = program.fresh('decode')
      names.set(node, name)
      program.add(name, 'u, c, d', [...(bounded ? ['if (d >= 64) return doubt'] : []), ...bodyOf(node, self)])
    }
    return name
  }

  function value(node: Node, v: string, site: Site, lines: string[]): string {
    const { fail, context } = site
    const depth = closing ? site.depth : '0'
    switch (node.kind) {
      case 'leaf':
        if (node.leaf !== 'unknown') lines.push(`if (${unfit[node.leaf](v)}) ${fail}`)
        if (node.leaf === 'number' || node.leaf === 'unknown') lines.push(notANumber(v))
        if (closing && isOpen(node.leaf)) lines.push(`if (${isObject(v)} && isUnsafe(${v}, ${depth})) return doubt`)
        return v
      case 'literals':
        lines.push(`if (${noneOf(node.values, v, program)}) ${fail}`)
        // Of the two zeros, which are equal, io-ts answers with its own, or leaves what was there.
        if (node.zero !== undefined)
          lines.push(`if (1 / ${v} === ${Object.is(node.zero, 0) ? '-' : ''}Infinity) return doubt`)
        return v
      case 'refined': {
        // It may judge keys: it is asked about objects of which nothing has to be left out.
        const refined = (closing && losesKeys(node.of) ? by('whole') : self).value(node.of, v, site, lines)
        lines.push(`if (!${program.constant(node.predicate)}(${refined})) ${fail}`)
        return refined
      }
      case 'same':
        return value(node.of, v, site, lines)
      case 'lazy':
        return value(node.of(), v, site, lines)
      case 'opaque':
        return ask(node, v, site, lines)
      default: {
        const result = program.fresh('r')
        lines.push(`const ${result} = ${functionOf(node)}(${v}, ${asks(node) ? context() : 0}, ${depth})`)
        lines.push(`if (${result} === wrong) ${fail}`, doubted(result))
        return result
      }
    }
  }

  /** Asks a codec that somebody wrote by hand. */
  function ask({ codec }: Node, v: string, { context, depth, fail }: Site, lines: string[]): string {
    const [answer, result, name] = [program.fresh('e'), program.fresh('r'), program.constant(codec)]
    lines.push(notANumber(v))
    // Where it has a structure, it is known which keys it knows.
    const structured = inside(codec)._tag !== undefined
    if (closing && structured) lines.push(`if (${isObject(v)} && !isTidy(${name}, ${v}, ${depth})) return doubt`)
    if (bounded || (closing && !structured)) lines.push(`if (${isObject(v)} && isUnsafe(${v}, ${depth})) return doubt`)
    lines.push(
      `const ${answer} = ${name}.validate(${v}, ${context()})`,
      `if (${answer}._tag === 'Left') ${fail}`,
      `const ${result} = ${answer}.right`,
    )
    return result
  }

  function entry(key: string, codec: Node['codec'], v: string, outer = (): string => 'c'): () => string {
    return () => `append(${outer()}, ${key}, ${program.constant(codec)}, ${v})`
  }

  return self
}
