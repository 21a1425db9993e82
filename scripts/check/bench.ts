// The benchmarks run and write their figures. What the figures are is not judged here: CI's machines are shared.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { passes } from './command.ts'
import { scratch } from './scratch.ts'

export async function bench(): Promise<string[]> {
  const report = join(scratch('bench'), 'report.json')
  const problems = await passes('node', ['bench/dist/main.js', 'chain', '--quick', '--json', report])
  return problems.length > 0 ? problems : figures(report)
}

function figures(report: string): string[] {
  try {
    const data: unknown = JSON.parse(readFileSync(report, 'utf8'))
    if (typeof data === 'object' && data !== null && Object.keys(data).length > 0) return []
    return [`bench/dist/main.js chain --json ${report} wrote no figures`]
  } catch (error) {
    return [`bench/dist/main.js chain --json ${report} wrote no readable report: ${error}`]
  }
}
