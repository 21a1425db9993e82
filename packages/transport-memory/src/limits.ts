// Sizes as options: whole bytes, or an error that says what is allowed.

/** The number of bytes given, or the default. */
export function bytes(where: string, name: string, given: number | undefined, byDefault: number): number {
  if (given === undefined) return byDefault
  if (Number.isSafeInteger(given) && given > 0) return given
  throw new TypeError(`${where}: "${name}" must be a whole number of bytes above 0, but was ${String(given)}`)
}

/** The milliseconds given, or the default. */
export function milliseconds(where: string, name: string, given: number | undefined, byDefault: number): number {
  if (given === undefined) return byDefault
  if (given > 0 && given < Number.POSITIVE_INFINITY) return given
  throw new TypeError(`${where}: "${name}" must be a number of milliseconds above 0, but was ${String(given)}`)
}
