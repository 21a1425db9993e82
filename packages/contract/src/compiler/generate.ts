// From a codec to functions: reads it, writes the code, makes it run.
import type * as t from 'io-ts'
import { decoder } from './decode.ts'
import { encoder } from './encode.ts'
import { checker } from './is.ts'
import type { Functions } from './made.ts'
import { type Node, nodeOf } from './node.ts'
import { type Program, program } from './program.ts'
import { wrong } from './signals.ts'
import { anywhere, asks } from './traits.ts'

export interface Generated {
  readonly functions: Functions
  /** The names of what is written by hand in it, and called as it is. */
  readonly byHand: readonly string[]
}

export const writtenByHand = 'it is written by hand'

/** The node of a codec of which some part can be generated. */
function readable(codec: t.Mixed): Node {
  const node = nodeOf(codec)
  if (node.kind === 'opaque') throw new TypeError(writtenByHand)
  return node
}

/**
 * Functions with the answers of the codec's own. Throws where they cannot be made. Whatever happens on the way to
 * success, the codec itself decides then: a value that does not fit, a getter that throws, a stack that is too short.
 */
export function generate(codec: t.Mixed): Generated {
  const node = readable(codec)
  const made = program()
  const decode = decoder(made, node)('pass').functionOf(node)
  const check = checker(made)
  const own = made.constant(codec)
  const right = `if (r !== wrong && r !== doubt) return { _tag: 'Right', right: r };`
  const text = [
    `decode(u) { ${attempt(`${decode}(u, ${contextOf(node, made)}, 0)`)} ${right} return ${own}.decode(u) }`,
    `validate(u, c) { ${attempt(`${decode}(u, c, 0)`)} ${right} return ${own}.validate(u, c) }`,
    node.is ? `is(u) { try { return ${check(node)}(u) } catch { return ${own}.is(u) } }` : `is: ${own}.is`,
    node.encode === 'genuine'
      ? `encode(u) { ${attempt(`${encoder(made, check)('pass').functionOf(node)}(u)`)} return r === wrong || r === doubt ? ${own}.encode(u) : r }`
      : `encode: ${own}.encode`,
  ]
  return { functions: made.build(`({ ${text.join(',\n')} })`) as Functions, byHand: byHand(node) }
}

/** Decodes, and looks after unknown keys in one go. What it does not want to decide is `wrong`. */
export interface Fused {
  readonly decode: (raw: unknown) => unknown
  /** Encoding leaves unknown keys out, whatever becomes of them in decoding. */
  readonly encode: (value: unknown) => unknown
}

/** Decides nothing. */
export const undecided: Fused = { decode: () => wrong, encode: () => wrong }

/** The functions for a codec of a contract; such that decide nothing where they cannot be made. */
export function fused(codec: t.Mixed, policy: 'refuse' | 'strip'): Fused {
  try {
    const node = readable(codec)
    const made = program()
    const decode = decoder(made, node)(policy).functionOf(node)
    const encode = encoder(made, checker(made))('strip').functionOf(node)
    const text = [
      `decode(u) { ${attempt(`${decode}(u, ${contextOf(node, made)}, 0)`)} return r === doubt ? wrong : r }`,
      `encode(u) { ${attempt(`${encode}(u)`)} return r === doubt ? wrong : r }`,
    ]
    return made.build(`({ ${text.join(',\n')} })`) as Fused
  } catch {
    return undecided
  }
}

const attempt = (call: string): string => `let r; try { r = ${call} } catch { r = wrong }`

const contextOf = (node: Node, program: Program): string =>
  asks(node) ? `[{ key: '', type: ${program.constant(node.codec)}, actual: u }]` : '0'

function byHand(node: Node): readonly string[] {
  const names = new Set<string>()
  anywhere(node, (part) => {
    if (part.kind === 'opaque') names.add(part.codec.name)
    return false
  })
  return [...names]
}
