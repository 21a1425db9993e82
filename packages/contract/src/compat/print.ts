// A comparison as text for people.
import type { Break } from './break.ts'
import type { Compatibility } from './compat.ts'

/** What breaks, one thing a line, and what would break in another order of deployment. Ends with a line break. */
export function printCompat({ breaks, otherwise }: Compatibility): string {
  const lines = [breaks.length === 0 ? 'nothing breaks' : `${count(breaks.length)}:`, ...breaks.map(line)]
  if (otherwise.length > 0)
    lines.push(`in another order of deployment ${count(otherwise.length)} more:`, ...otherwise.map(line))
  return `${lines.join('\n')}\n`
}

const count = (n: number): string => `${n} ${n === 1 ? 'thing breaks' : 'things break'}`

const line = ({ path, change, breaks, message }: Break): string => `  ${path}: ${change}, breaks ${breaks}: ${message}`
