// A report as Markdown, for READMEs and docs: the same tables as on the terminal.
import { hasPairs, noiseOf, ratio, type Table, tables } from './figures.ts'
import type { Report } from './report.ts'

export const asMarkdown = (report: Report): string =>
  `${[tablesOf(report), targetsOf(report), caption(report)].filter((part) => part !== '').join('\n\n')}\n`

/** The tables of all cases, or of this one. */
export const tablesOf = (report: Report, name?: string): string =>
  tables(report)
    .filter(({ title }) => name === undefined || title === name)
    .map(drawn)
    .join('\n\n')

export const targetsOf = ({ targets }: Report): string =>
  targets.length === 0
    ? ''
    : grid(
        ['target', 'limit', 'measured', ''],
        targets.map(({ name, limit, atLeast, measured, met }) => [
          name,
          `${atLeast ? 'at least' : 'at most'} ${ratio(limit)}`,
          ratio(measured),
          met ? 'met' : '**missed**',
        ]),
      )

const roundsOf = ({ rows }: Report): string => {
  const most = Math.max(
    1,
    ...rows.filter(({ metric, params }) => metric.endsWith('ratio') && params.shows === undefined).map(({ n }) => n),
  )
  return most === 1 ? 'one round' : `${most} rounds`
}

/** The command that made it, and the machine. */
export const caption = (report: Report): string => {
  const { suite, date, seed, machine, partial } = report
  return (
    `\`npm run bench -- ${suite}\`, ${date.slice(0, 10)}, seed ${seed}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}. ` +
    // Simulations and registries are measured in other ways, of which the notes tell.
    (hasPairs(report)
      ? `Each subject in its own process; medians over ${roundsOf(report)}; differences below ${(noiseOf(report) * 100).toFixed(1)} % are noise (A/A pairs).`
      : 'Medians, where nothing else is said.') +
    `${partial ? ' **Interrupted: not complete.**' : ''}`
  )
}

const drawn = ({ title, columns, lines }: Table): string =>
  grid(
    [title, ...columns],
    lines.map(({ subject, cells }) => [subject, ...cells.map(({ text, best }) => (best ? `**${text}**` : text))]),
  )

/** A table; the first column is text, the others are figures. */
export function grid(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [row(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...lines.map(row)].join('\n')
}
