// What a page of the document is made of, and what all pages say alike.
import type { Family } from '../harness/attack.ts'
import type { Results } from '../results.ts'

export interface Page {
  /** In `docs`. */
  readonly file: string
  readonly families: readonly Family[]
  /** What stands before the tables. */
  head(results: Results): string
  /** What is not defended against: a section. */
  readonly open: string
}

/** Where the figures come from. */
export const measured = ({ date, node, machine }: Results): string =>
  `Measured on ${date}, ${machine}, Node ${node}; attacker, server and the others share the machine, so that times under a flood are those of a machine that is full.`

export const columns = `| others | requests of others, and how many of them failed; – where the attack was over before one was made |
| p50, p99 | of the others, in milliseconds; in brackets a moment before on the same process |
| held | milliseconds that the event loop was held at the most |
| memory | MB: resident at the peak over before; the heap that is kept after garbage was collected |`
