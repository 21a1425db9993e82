// Values as text, for path, query and headers: which codecs can travel so, and what a text means to them.
import { type Literal, resolve, type Shape } from './shape.ts'

/** How the values of a codec travel as text. */
export interface Text {
  /** Several of them, as a repeated key of a query. */
  readonly many: boolean
  /** May it be absent? */
  readonly absent: boolean
  /** What the codec is given for a text: a number, a boolean, a literal where it takes one, else the text itself. */
  read(text: string): unknown
  /** The text of a value that the codec made; `undefined` where no text can say it. */
  write(value: unknown): string | undefined
}

interface Kinds {
  text: boolean
  number: boolean
  boolean: boolean
  absent: boolean
  many: Shape | undefined
  readonly literals: Literal[]
  problem: string | undefined
}

// JSON's numbers, and nothing that `Number` also takes: blanks, hexadecimal, Infinity.
const numeric = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** How values of this shape travel as text, or why they cannot. */
export function textOf(shape: Shape): Text | string {
  const kinds = kindsOf(shape)
  const { text, number, boolean, absent, literals, many, problem } = kinds
  if (problem !== undefined) return problem
  if (many !== undefined) {
    if (text || number || boolean || literals.length > 0) return 'one text could be an item or the whole list'
    const item = textOf(many)
    if (typeof item === 'string') return `in its items ${item}`
    if (item.many) return 'a list of lists has no form as text'
    return { ...item, many: true, absent }
  }
  const ambiguous = clash(kinds)
  if (ambiguous !== undefined) return ambiguous
  const byText = new Map(literals.map((literal) => [String(literal), literal]))
  const chooses = literals.length > 0
  const read = (given: string): unknown => {
    const literal = chooses ? byText.get(given) : undefined
    if (literal !== undefined) return literal
    if (number && numeric.test(given)) {
      const value = Number(given)
      // `1e999` is a number to JSON and none to a computer: it stays a text, which the codec refuses.
      if (Number.isFinite(value)) return value
    }
    if (boolean && (given === 'true' || given === 'false')) return given === 'true'
    return given
  }
  const write = (value: unknown): string | undefined => {
    const written = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    // Whatever a codec encodes to must be what it is given when the text comes back.
    return written && read(String(value)) === value ? String(value) : Object.is(value, -0) ? '0' : undefined
  }
  return { many: false, absent, read, write }
}

function kindsOf(shape: Shape): Kinds {
  const kinds: Kinds = {
    text: false,
    number: false,
    boolean: false,
    absent: false,
    many: undefined,
    literals: [],
    problem: undefined,
  }
  collect(shape, kinds)
  return kinds
}

function collect(shape: Shape, kinds: Kinds): void {
  const resolved = resolve(shape)
  switch (resolved.kind) {
    case 'string':
    case 'custom':
      kinds.text = true
      break
    case 'number':
      kinds.number = true
      break
    case 'boolean':
      kinds.boolean = true
      break
    case 'undefined':
      kinds.absent = true
      break
    case 'literals':
      kinds.literals.push(...resolved.values)
      break
    case 'all':
    case 'one':
      for (const member of resolved.of) collect(member, kinds)
      break
    case 'array':
      if (kinds.many !== undefined) kinds.problem = 'of two kinds of lists a text does not tell which it is'
      kinds.many = resolved.item
      break
    case 'null':
      kinds.problem = 'null has no form as text'
      break
    case 'unknown':
      kinds.problem = 'a text does not tell what it is where anything may be'
      break
    default:
      kinds.problem = `${resolved.kind === 'tuple' ? 'a tuple' : 'an object'} has no form as text`
  }
}

function clash({ text, number, boolean, literals }: Kinds): string | undefined {
  const strings = literals.filter((literal) => typeof literal === 'string')
  const others = literals.filter((literal) => typeof literal !== 'string')
  const meansBoth =
    (text && (number || boolean || others.length > 0)) ||
    strings.some(
      (literal) =>
        (number && numeric.test(literal)) ||
        (boolean && (literal === 'true' || literal === 'false')) ||
        others.some((other) => String(other) === literal),
    )
  return meansBoth ? 'one text could mean two of its values, a string and a number or boolean' : undefined
}
