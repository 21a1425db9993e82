// An option that there is not is a mistake in its name: it is refused, and not passed over.

/** The names of all options in `O`: the compiler takes none that is missing, and none too many. */
export type OptionNames<O> = Readonly<Record<O extends unknown ? keyof O : never, true>>

/**
 * Refuses options that are not among `names`, for packages that take options. Own keys count, those whose value is
 * `undefined` too. Without options there is nothing to refuse.
 *
 * @throws TypeError that names the option and those that there are: `retry: there is no option "attempt"; there are ...`.
 */
export function knownOptions(where: string, options: object | undefined, names: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) return
  for (const name of Object.keys(options))
    if (!Object.hasOwn(names, name))
      throw new TypeError(
        `${where}: there is no option ${JSON.stringify(name)}; there are ${Object.keys(names).join(', ')}`,
      )
}
