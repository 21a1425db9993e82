// Circuits by path and dependency, with rules from a table: a database is not judged as a cache is.
import { type Context, knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption } from '@tenon/policy'
import type { KeyOptions, Rule } from './circuits.ts'

/** A row: where it holds, and what holds there. */
export interface RuleRow extends Rule {
  /** The paths it is for: one of them, or with `*` at the end all that begin so. Default: all. */
  readonly path?: string
  /** The dependency it is for, in the same way. Default: all. */
  readonly dependency?: string
}

export interface RuleTableOptions<A = unknown> {
  /** On which path the call is: `(ctx, input) => '/orders/place'`. */
  readonly path: (ctx: Context, input: A) => string
  /** What is called: `() => 'mysql'`. It must hold no space. */
  readonly dependency: (ctx: Context, input: A) => string
  /** The first row that fits holds. What it does not say, and calls that no row fits, are the breaker's. */
  readonly rules: readonly RuleRow[]
}

const named: OptionNames<RuleTableOptions> = { path: true, dependency: true, rules: true }
const columns: OptionNames<RuleRow> = { path: true, dependency: true, detector: true, recovery: true }

/**
 * Options for a breaker with a circuit for each path and dependency, called `<dependency> <path>`:
 * `breaker({ ...ruleTable({ path, dependency, rules: [{ dependency: 'mysql', detector: ratio({ threshold: 0.05 }) }] }) })`.
 *
 * @throws TypeError on a bad option.
 */
export function ruleTable<A = unknown>(options: RuleTableOptions<A>): Required<Pick<KeyOptions<A>, 'by' | 'rules'>> {
  knownOptions('ruleTable', options, named)
  const { path, dependency, rules } = options
  functionOption('ruleTable', 'path', path)
  functionOption('ruleTable', 'dependency', dependency)
  if (!Array.isArray(rules)) throw new TypeError('ruleTable: "rules" must be a list of rows')
  const rows = rules.map((row: RuleRow, index) => {
    knownOptions(`ruleTable: rules[${index}]`, row, columns)
    const { path: onPath = '*', dependency: on = '*', ...rule } = row
    return {
      path: pattern(`rules[${index}].path`, onPath),
      dependency: pattern(`rules[${index}].dependency`, on),
      rule,
    }
  })
  return {
    by: (ctx, input) => {
      const called = dependency(ctx, input)
      if (typeof called !== 'string' || called.includes(' '))
        throw new TypeError(
          `ruleTable: "dependency" must answer a string without a space, but answered ${String(called)}`,
        )
      return `${called} ${path(ctx, input)}`
    },
    rules: (key) => {
      const space = key.indexOf(' ')
      const called = key.slice(0, space)
      const on = key.slice(space + 1)
      return rows.find((row) => row.dependency(called) && row.path(on))?.rule
    },
  }
}

function pattern(where: string, text: unknown): (value: string) => boolean {
  if (typeof text !== 'string') throw new TypeError(`ruleTable: "${where}" must be a string`)
  if (!text.endsWith('*')) return (value) => value === text
  const start = text.slice(0, -1)
  return (value) => value.startsWith(start)
}
