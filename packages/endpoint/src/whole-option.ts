// Whole numbers among options, and limits that are all such numbers: one wording for every package that takes them.

/** What a whole number may be, and what it is where it is not given. */
export interface WholeRule {
  /** The default. */
  readonly value: number
  /** What is counted, for the message: `milliseconds`. */
  readonly unit: string
  readonly min: number
  /** Default: the largest number that is exact. */
  readonly max?: number
  /** Is `'unbounded'` taken, too? It is `Infinity` then. Default: false. */
  readonly unbounded?: boolean
}

/**
 * The number that was given, or the default.
 *
 * @throws TypeError that says what is allowed: `http.serve: grace: whole milliseconds from 0 on and not "10"`.
 */
export function wholeOption(
  name: string,
  given: unknown,
  { value, unit, min, max = Number.MAX_SAFE_INTEGER, unbounded = false }: WholeRule,
): number {
  if (given === undefined) return value
  if (given === 'unbounded' && unbounded) return Number.POSITIVE_INFINITY
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max) return given
  const or = unbounded ? ", or 'unbounded'," : ''
  const to = max === Number.MAX_SAFE_INTEGER ? 'on' : `to ${max}`
  // A text in quotes, so that "80" is told from 80.
  const was = typeof given === 'string' ? JSON.stringify(given) : String(given)
  throw new TypeError(`${name}: whole ${unit} from ${min} ${to}${or} and not ${was}`)
}

/** Limits that were checked, each with its value; `'unbounded'` is `Infinity`. */
export type CheckedLimits<L> = { readonly [K in keyof L]-?: number }

/**
 * Limits by their rules.
 *
 * @throws TypeError for one that there is not, or that is none of its numbers.
 */
export function limitOptions<L>(
  who: string,
  rules: Readonly<Record<string, WholeRule>>,
  given: object = {},
): CheckedLimits<L> {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`${who}: there is no limit "${name}"; there are ${Object.keys(rules).join(', ')}`)
  const values: Record<string, number> = {}
  for (const [name, rule] of Object.entries(rules))
    values[name] = wholeOption(`${who}: limits.${name}`, (given as Record<string, unknown>)[name], rule)
  return values as CheckedLimits<L>
}
