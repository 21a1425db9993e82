// The results as pages: a table for each family, and what is not defended against.
import type { Attack, Family } from './harness/attack.ts'
import type { Page } from './pages/page.ts'
import { keyOf, type Results, type Row } from './results.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Some attacks are over before anybody else asks: then there is nothing to say of others. */
const nobody = '–'

const failures = ({ asked, failed }: Row): string => {
  if (asked === 0) return nobody
  const kinds = Object.entries(failed)
  return kinds.length === 0
    ? `${asked}, none`
    : `${asked}, ${kinds.map(([kind, times]) => `${times} × ${kind}`).join(', ')}`
}

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/** What the operator hears has a column where attacks say what it must be. */
const tells = ({ against }: Family): boolean => against === 'grpc' || against === 'nats'
const toldIn = ({ told = {} }: Row): string =>
  Object.entries(told)
    .map(([reason, times]) => `\`${reason}\` × ${times}`)
    .join(', ')

function line(family: Family, attack: Attack, { rows }: Results): string {
  const row = rows[keyOf(family, attack)]
  const more = tells(family) ? ' | ' : ''
  if (row === undefined) return `| ${cell(attack.sends)} | not measured${more} | | | | | ${cell(attack.bound)} |`
  const meanwhile = row.asked === 0 ? nobody : `${ms(row.p50)}, ${ms(row.p99)}`
  const felt = `${meanwhile} (${ms(row.quiet.p50)}, ${ms(row.quiet.p99)})`
  const memory = `+${row.peak.toFixed(1)}, ${row.kept.toFixed(1)}`
  return `| ${cell(attack.sends)}${row.quick ? ' °' : ''} | ${cell(row.gets)}${tells(family) ? ` | ${toldIn(row)}` : ''} | ${failures(row)} | ${felt} | ${row.held} | ${memory} | ${cell(attack.bound)} |`
}

function section(family: Family, results: Results): string {
  const reasons = family.attacks.flatMap(({ sends, others }) =>
    others === undefined ? [] : [`- ${sends}: ${others.why}.`],
  )
  const told = reasons.length === 0 ? '' : `\nWhere others may be refused:\n\n${reasons.join('\n')}\n`
  return `## ${family.title}

${family.about}

| ${family.against === 'client' ? 'the server' : family.against === 'nats' ? 'the stranger' : 'the client'} | gets${tells(family) ? ' | the operator hears' : ''} | others | p50, p99 | held | memory | bounded by |
|---|---|${tells(family) ? '---|' : ''}---|---|---|---|---|
${family.attacks.map((attack) => line(family, attack, results)).join('\n')}
${told}`
}

/** A page with these results. */
export const document = ({ head, families, open }: Page, results: Results): string =>
  `${head(results)}\n${families.map((family) => section(family, results)).join('\n')}\n${open}`
