// The benchmarks run and write their figures. What the figures are is not judged: CI's machines are shared and loaded.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.ts'
import { scratch } from './scratch.ts'

/** What the benchmarks' report is to have, whatever else it has. */
interface Report {
  readonly rows: readonly unknown[]
  readonly partial: boolean
}

export async function bench(): Promise<string[]> {
  const report = join(scratch('bench'), 'report.json')
  // All suites: each proves that its subjects do their work, and none judges figures.
  const args = ['bench/dist/main.js', '--quick', '--json', report]
  const { code, output } = await command('node', args)
  const problem = code === 0 ? figures(report) : `exit ${code}`
  return problem ? [`${output.trim()}\nnode ${args.join(' ')}: ${problem}`] : []
}

function figures(path: string): string | undefined {
  try {
    const reports: readonly Report[] = JSON.parse(readFileSync(path, 'utf8'))
    const whole = reports.length > 0 && reports.every(({ rows, partial }) => rows.length > 0 && !partial)
    return whole ? undefined : 'the report is not complete'
  } catch (error) {
    return `there is no readable report: ${error}`
  }
}
