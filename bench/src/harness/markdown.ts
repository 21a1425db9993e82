// A report as Markdown, for READMEs and docs: the same tables as on the terminal.
import { noiseOf, ratio, type Table, tables } from './figures.ts'
import type { Report } from './report.ts'

export function asMarkdown(report: Report): string {
  const { machine, targets } = report
  const parts = [
    ...tables(report).map(drawn),
    ...(targets.length === 0
      ? []
      : [
          grid(
            ['target', 'limit', 'measured', ''],
            targets.map(({ name, limit, atLeast, measured, met }) => [
              name,
              `${atLeast ? 'at least' : 'at most'} ${ratio(limit)}`,
              ratio(measured),
              met ? 'met' : '**missed**',
            ]),
          ),
        ]),
    `\`npm run bench -- ${report.suite}\`, ${report.date.slice(0, 10)}, seed ${report.seed}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}. ` +
      `Each subject in its own process; medians over rounds; differences below ${(noiseOf(report) * 100).toFixed(1)} % are noise (A/A pairs).` +
      `${report.partial ? ' **Interrupted: not complete.**' : ''}`,
  ]
  return `${parts.join('\n\n')}\n`
}

const drawn = ({ title, columns, lines }: Table): string =>
  grid(
    [title, ...columns],
    lines.map(({ subject, cells }) => [subject, ...cells.map(({ text, best }) => (best ? `**${text}**` : text))]),
  )

function grid(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [row(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...lines.map(row)].join('\n')
}
