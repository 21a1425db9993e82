// Lists among the options of transports: hooks, and what of the incoming metadata passes on.
import { passedOn } from './metadata.ts'

/**
 * Hooks as a list: several sets, each given as one, many or not at all, append.
 *
 * @throws TypeError for what is no function.
 */
export function hooksOption<H extends (...args: never[]) => unknown>(
  who: string,
  ...sets: readonly (H | readonly H[] | undefined)[]
): readonly H[] {
  const all = sets.flatMap((set) => (set === undefined ? [] : set)) as H[]
  for (const hook of all)
    if (typeof hook !== 'function') throw new TypeError(`${who}: a hook is a function and not ${String(hook)}`)
  return all
}

/**
 * The names of the incoming metadata that pass on to the next hop; `passedOn` where none are given.
 *
 * @throws TypeError for what is no list of lower-case names.
 */
export function allowOption(who: string, given: readonly string[] = passedOn): readonly string[] {
  if (!Array.isArray(given) || given.some((key) => typeof key !== 'string' || key !== key.toLowerCase()))
    throw new TypeError(`${who}: allow is a list of lower-case names and not ${JSON.stringify(given)}`)
  return given
}
