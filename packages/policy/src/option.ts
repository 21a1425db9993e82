// What a bad option says: which one, what is allowed, what was given. One wording for every policy.

/** What a number may be. Without `max` it must be finite. */
export interface NumberRange {
  /** The smallest value allowed. Default: none. */
  readonly min?: number
  /** The value must be above this one. Default: none. */
  readonly above?: number
  /** The largest value allowed; `Infinity` allows infinity too. Default 2^53 - 1. */
  readonly max?: number
  /** Only whole numbers. Default false. */
  readonly whole?: boolean
  /** What is counted, for the message: `'milliseconds'`. */
  readonly unit?: string
}

/**
 * The value when it is a number in the range.
 *
 * @throws TypeError when it is no number, RangeError when it is NaN or outside the range. The message reads
 * `timeWindow: "window" must be a number of at least 1 (milliseconds), but was -5`.
 */
export function numberOption(where: string, name: string, value: unknown, range: NumberRange = {}): number {
  const { min, above, max = Number.MAX_SAFE_INTEGER, whole = false } = range
  if (typeof value !== 'number') throw new TypeError(complain(where, name, describe(range), value))
  const inside = value <= max && (min === undefined || value >= min) && (above === undefined || value > above)
  const finite = Number.isFinite(value) || (value > 0 && max === Number.POSITIVE_INFINITY)
  if (!inside || !finite || (whole && Number.isFinite(value) && !Number.isInteger(value)))
    throw new RangeError(complain(where, name, describe(range), value))
  return value
}

/**
 * The value when it is one of the choices.
 *
 * @throws TypeError naming the choices.
 */
export function choiceOption<T extends string>(where: string, name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  throw new TypeError(complain(where, name, `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`, value))
}

/**
 * The value when it is a function.
 *
 * @throws TypeError otherwise.
 */
export function functionOption<F extends (...args: never) => unknown>(where: string, name: string, value: F): F {
  if (typeof value === 'function') return value
  throw new TypeError(complain(where, name, 'a function', value))
}

const complain = (where: string, name: string, allowed: string, value: unknown): string =>
  `${where}: "${name}" must be ${allowed}, but was ${show(value)}`

function describe({ min, above, max = Number.MAX_SAFE_INTEGER, whole = false, unit }: NumberRange): string {
  const limits = [
    ...(min === undefined ? [] : [`of at least ${min}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(max >= Number.MAX_SAFE_INTEGER ? [] : [`of at most ${max}`]),
  ]
  const kind = `${whole ? 'a whole number' : 'a number'} ${limits.join(' and ')}`.trimEnd()
  return unit === undefined ? kind : `${kind} (${unit})`
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
