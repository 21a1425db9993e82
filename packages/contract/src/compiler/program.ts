// Text of functions, and the constants they use. Property names get in as JSON only; what a codec or a value is called, and
// everything else that is not known here, is a constant that the text names by a number.
import { runtime } from './runtime.ts'

/** A property name or a string literal, as code. */
export const quoted = (text: string): string => JSON.stringify(text)

export interface Program {
  /** The name of a constant. */
  constant(value: unknown): string
  fresh(prefix: string): string
  add(name: string, parameters: string, body: readonly string[]): void
  /** What the expression is worth among these functions. Throws where code generation is not allowed. */
  build(expression: string): unknown
}

export function program(): Program {
  const constants = new Map<unknown, string>()
  const functions: string[] = []
  let names = 0
  return {
    constant(value) {
      const name = constants.get(value) ?? `k${constants.size}`
      constants.set(value, name)
      return name
    },
    fresh: (prefix) => `${prefix}${names++}`,
    add(name, parameters, body) {
      functions.push(`function ${name}(${parameters}) {\n${body.join('\n')}\n}`)
    },
    build(expression) {
      const text = [
        "'use strict'",
        `const { ${Object.keys(runtime).join(', ')} } = runtime`,
        `const [${[...constants.values()].join(', ')}] = constants`,
        ...functions,
        `return ${expression}`,
      ]
      return new Function('runtime', 'constants', text.join('\n'))(runtime, [...constants.keys()])
    },
  }
}
