// `npm run bench`: reads the options, runs the suites, prints and saves what they found.

import { publishedAt, writeDocuments } from './harness/document.ts'
import { machine } from './harness/machine.ts'
import { asMarkdown } from './harness/markdown.ts'
import { type Options, optionsOf, usage } from './harness/options.ts'
import { progressOn } from './harness/progress.ts'
import { Refusal } from './harness/refusal.ts'
import { loadReports, type Report, saveReports } from './harness/report.ts'
import type { Suite } from './harness/suite.ts'
import { onTerminal } from './harness/terminal.ts'
import { suites } from './suites.ts'

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(
    args,
    suites.map(({ name }) => name),
  )
  if (options.help) return say(usage)
  if (options.list) return say(suites.map(({ name, does }) => `${name.padEnd(20)} ${does}`).join('\n'))
  if (options.from !== undefined)
    return say(
      loadReports(options.from)
        .map((report) => shown(report, options))
        .join('\n'),
    )

  if (options.document) return say(written())

  const enough = new AbortController()
  // Once: a second Ctrl-C ends the process at once, and the children with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => enough.abort())
  const reports: Report[] = []
  for (const suite of suites) {
    if (enough.signal.aborted || (options.suite !== undefined && options.suite !== suite.name)) continue
    const report = await reportOf(suite, options, enough.signal)
    reports.push(report)
    say(shown(report, options))
    if (options.quick)
      say('A quick run shows that everything works. Its figures mean little: neither targets nor A/A pairs are judged.')
    if (options.json !== undefined) saveReports(options.json, reports, options.suite !== undefined)
    if (options.publish && !report.partial) saveReports(publishedAt(suite.name), [report], true)
  }
  if (options.publish) say(written())
  if (enough.signal.aborted) return 130
  return reports.every(({ selfChecks }) => selfChecks.every(({ passed }) => passed)) ? 0 : 1
}

async function reportOf(suite: Suite, options: Options, signal: AbortSignal): Promise<Report> {
  const progress = progressOn(process.stderr, suite.name)
  // Servers and processes may take seconds to be there.
  progress.step(0, 1, 'begins')
  try {
    const found = await suite.run({ ...options, signal, progress })
    return { suite: suite.name, date: new Date().toISOString(), seed: options.seed, machine: machine(), ...found }
  } finally {
    progress.end()
  }
}

const written = (): string =>
  writeDocuments(suites)
    .map((path) => `written: ${path}`)
    .join('\n')

const shown = (report: Report, { markdown }: Options): string =>
  markdown ? asMarkdown(report) : onTerminal(report, process.stdout.isTTY === true && !process.env.NO_COLOR)

function say(text: string): 0 {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (cause) {
  if (!(cause instanceof Refusal)) throw cause
  process.stderr.write(`bench: ${cause.message}\n`)
  process.exitCode = 2
}
