// Code that encodes, as io-ts does it for a value of the codec's type. It answers `doubt` for any other.
import { inside } from '../inside.ts'
import { doubted, noObject, notANumber } from './conditions.ts'
import { encodeBody } from './encode-bodies.ts'
import { type Call, type Encoder, type Keys, tidied } from './encoder.ts'
import type { Node } from './node.ts'
import type { Program } from './program.ts'
import { anywhere, hasKeys } from './traits.ts'

/** What adds functions that encode. */
export function encoder(program: Program, checkOf: (node: Node) => string): (keys: Keys) => Encoder {
  const encoders = new Map<Keys, Encoder>()
  function by(keys: Keys): Encoder {
    const found = encoders.get(keys) ?? make(program, keys, checkOf, by)
    encoders.set(keys, found)
    return found
  }
  return by
}

function make(program: Program, keys: Keys, checkOf: (node: Node) => string, by: (keys: Keys) => Encoder): Encoder {
  const closing = keys !== 'pass'
  const names = new Map<Node, string>()
  const self: Encoder = { program, keys, by, needs, functionOf, checkOf, value }

  function needs(node: Node): boolean {
    return node.encode !== 'identity' || (closing && anywhere(node, hasKeys))
  }

  function functionOf(node: Node): string {
    let name = names.get(node)
    if (name === undefined) {
      name = program.fresh('encode')
      names.set(node, name)
      program.add(name, 'u', encodeBody(node, self))
    }
    return name
  }

  function value(node: Node, v: string, call: Call, lines: string[]): string {
    if (!needs(node)) return v
    if (node.encode === 'opaque' || node.kind === 'opaque') return ask(node, v, call, lines)
    switch (node.kind) {
      case 'refined':
      case 'same':
        // Its `encode` is that of what it narrows, called as its own.
        return node.of.encode === 'opaque' ? ask(node, v, call, lines) : value(node.of, v, call, lines)
      case 'lazy':
        return value(node.of(), v, 'method', lines)
      case 'leaf':
        // Of what anything goes, anything but the one key does.
        lines.push(node.leaf === 'never' ? 'return doubt' : sullied(v))
        return v
      case 'literals':
        return v
      default: {
        const result = program.fresh('r')
        lines.push(`const ${result} = ${functionOf(node)}(${v})`, doubted(result))
        return result
      }
    }
  }

  /** Asks a codec that somebody wrote by hand. */
  function ask(node: Node, v: string, call: Call, lines: string[]): string {
    const name = program.constant(node.codec)
    let asked = v
    if (closing) lines.push(notANumber(v))
    if (closing && inside(node.codec)._tag === undefined) lines.push(sullied(v))
    else if (closing) {
      asked = program.fresh('t')
      lines.push(`const ${asked} = ${tidied(name, v)}`)
      if (keys === 'whole') lines.push(`if (${asked} !== ${v}) return doubt`)
    }
    if (node.encode === 'identity') return asked
    const result = program.fresh('r')
    const more = call === 'map' ? ', i, u' : ''
    lines.push(`const ${result} = ${call === 'method' ? `${name}.encode` : `(0, ${name}.encode)`}(${asked}${more})`)
    return result
  }

  return self
}

const sullied = (v: string): string => `if (!(${noObject(v)}) && has.call(${v}, '__proto__')) return doubt`
