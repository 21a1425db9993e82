// The results of the suite as docs/conformance.md: a row a behaviour, a column a wire, and why something is lacking.
import type { Verdict } from '@tenon/conformance'

const head = `# Conformance

A contract behaves the same on every wire. This is what each transport did when it was asked, on real sockets, case by case; \`A → B\` is a server of A whose
implementation is a client of B. The suite is [\`@tenon/conformance\`](../packages/conformance/README.md), which any transport can run.

\`npm test -- test/conformance\` runs it and compares this page; \`npm run exec -- node test/conformance/main.ts --write\` writes it.
`

/** The page for these verdicts, by wire. */
export function document(verdicts: ReadonlyMap<string, readonly Verdict[]>): string {
  const names = [...verdicts.keys()]
  const rows = [...verdicts.values()]
  const reasons: string[] = []
  const mark = (verdict: Verdict): string => {
    if (verdict.result === 'passed') return '✓'
    if (verdict.result === 'failed') return '**✗**'
    const reason = `${verdict.feature}: ${verdict.why}`
    if (!reasons.includes(reason)) reasons.push(reason)
    return `– [${reasons.indexOf(reason) + 1}]`
  }
  const body = (rows[0] ?? []).map(({ id, says }, at) => {
    const marks = rows.map((row) => mark(row[at] as Verdict))
    return `| \`${id}\` ${says} | ${marks.join(' | ')} |`
  })
  const passed = rows.map((row) => `${row.filter(({ result }) => result === 'passed').length} of ${row.length}`)
  const table = [
    `| behaviour | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
    ...body,
    `| passed | ${passed.join(' | ')} |`,
  ]
  const notes = reasons.map((reason, at) => `${at + 1}. ${reason}`)
  return `${head}\n${table.join('\n')}\n\nWhat a wire lacks, by its kind of method, and why:\n\n${notes.join('\n')}\n`
}
