// A report on a terminal: aligned tables, the best value marked; colour only where the caller says so.
import { styleText } from 'node:util'
import { hasPairs, noiseOf, ratio, type Table, tables } from './figures.ts'
import type { Report } from './report.ts'

type Style = Parameters<typeof styleText>[0]

export function onTerminal(report: Report, colour: boolean): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const { machine } = report
  const parts = [
    `${paint('bold', report.suite)}  ${report.date}  seed ${report.seed}`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}`,
    ...tables(report).map((table) => drawn(table, paint)),
    `${hasPairs(report) ? `Differences below ${(noiseOf(report) * 100).toFixed(1)} % are noise (A/A pairs).  ` : ''}* best of its column, or no different from it`,
    ...(report.targets.length === 0 ? [] : [targets(report, paint)]),
    checks(report, paint),
    ...(report.partial ? [paint('yellow', 'Interrupted: this is what was finished.')] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

type Paint = (style: Style, text: string) => string

function drawn({ title, columns, lines }: Table, paint: Paint): string {
  const first = Math.max(title.length, ...lines.map(({ subject }) => subject.length))
  const widths = columns.map((column, at) =>
    Math.max(column.length + 1, ...lines.map(({ cells }) => (cells[at]?.text.length ?? 0) + 1)),
  )
  const head = [title.padEnd(first), ...columns.map((column, at) => `${column} `.padStart(widths[at] as number))].join(
    '  ',
  )
  const body = lines.map(({ subject, cells }) =>
    [
      subject.padEnd(first),
      ...cells.map(({ text, best }, at) => {
        const padded = `${text}${best ? '*' : ' '}`.padStart(widths[at] as number)
        return best ? paint('green', padded) : padded
      }),
    ]
      .join('  ')
      .trimEnd(),
  )
  return [paint('bold', head.trimEnd()), ...body].join('\n')
}

function targets({ targets }: Report, paint: Paint): string {
  const width = Math.max(...targets.map(({ name }) => name.length))
  const lines = targets.map(({ name, measured, limit, atLeast, met }) => {
    const line = `${met ? 'met   ' : 'missed'}  ${name.padEnd(width)}  ${ratio(measured)} of at ${atLeast ? 'least' : 'most'} ${ratio(limit)}`
    return met ? line : paint('yellow', line)
  })
  return [paint('bold', 'targets'), ...lines].join('\n')
}

function checks({ selfChecks }: Report, paint: Paint): string {
  const failed = selfChecks.filter(({ passed }) => !passed)
  if (failed.length === 0) return `${selfChecks.length} self-checks passed`
  return failed.map(({ name }) => paint('red', `self-check failed: ${name}`)).join('\n')
}
