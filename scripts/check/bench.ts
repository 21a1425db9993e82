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
  const args = ['bench/dist/main.js', 'chain', '--quick', '--json', report]
  const { code, output } = await command('node', args)
  // 1 says that a self-check failed: on a loaded machine twins differ. A crash leaves no report.
  const problem = code === 0 || code === 1 ? figures(report) : `exit ${code}`
  return problem ? [`${output.trim()}\nnode ${args.join(' ')}: ${problem}`] : []
}

function figures(path: string): string | undefined {
  try {
    const { rows, partial }: Report = JSON.parse(readFileSync(path, 'utf8'))
    return rows.length > 0 && !partial ? undefined : 'the report is not complete'
  } catch (error) {
    return `there is no readable report: ${error}`
  }
}
