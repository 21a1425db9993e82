import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { asMarkdown } from './markdown.ts'
import { progressOn } from './progress.ts'
import type { Report, Row } from './report.ts'
import { onTerminal } from './terminal.ts'

const row = (subject: string, metric: string, unit: string, value: number, params: Row['params'] = {}): Row => ({
  case: 'ten steps',
  subject,
  metric,
  unit,
  value,
  low: value * 0.9,
  high: value * 1.1,
  n: 9,
  params,
})

const report: Report = {
  suite: 'chain',
  date: '2026-01-02T03:04:05.000Z',
  seed: 1,
  machine: { cpu: 'a cpu', cores: 2, node: '24.0.0', os: 'Linux 6 x64' },
  rows: [
    row('ours', 'ratio', 'x', 1, { against: 'ours' }),
    row('ours', 'time', 'ns/call', 300),
    row('ours again', 'ratio', 'x', 1.03, { against: 'ours' }),
    row('ours again', 'time', 'ns/call', 309),
    row('theirs', 'ratio', 'x', 41.5, { against: 'ours' }),
    row('theirs', 'time', 'ns/call', 12_450),
    { ...row('A/A pairs', 'difference', 'share', 0.05), case: 'noise floor' },
  ],
  targets: [{ name: 'ours / theirs', measured: 0.024, limit: 0.4, met: true }],
  selfChecks: [{ name: 'works', passed: true }],
  partial: false,
}

describe('a report on a terminal', () => {
  it('is aligned, marks the best and what does not differ from it, and says so where nothing differs', () => {
    expect(onTerminal(report, false)).toBe(
      `chain  2026-01-02T03:04:05.000Z  seed 1

a cpu, 2 cores, Node 24.0.0, Linux 6 x64

ten steps   times the first   time, ns per call          p5 - p95
ours                      1                 300*        270 - 330
ours again    no difference                 309*        278 - 340
theirs                 41.5              12,450   11,205 - 13,695

Differences below 5.0 % are noise (A/A pairs).  * best of its column, or no different from it

targets
met     ours / theirs  0.02 of at most 0.40

1 self-checks passed
`,
    )
  })

  it('given no A/A pairs, then nothing is said of noise', () => {
    const plain = { ...report, rows: report.rows.filter((row) => row.case !== 'noise floor') }
    expect(onTerminal(plain, false)).not.toContain('noise')
    expect(asMarkdown(plain)).toContain('Linux 6 x64. Medians, where nothing else is said.')
  })

  it('given colour, then only colour is added', () => {
    const coloured = onTerminal(report, true)
    expect(coloured).not.toBe(onTerminal(report, false))
    expect(stripVTControlCharacters(coloured)).toBe(onTerminal(report, false))
  })

  it('given a failed self-check or an interruption, then it says which and that', () => {
    const text = onTerminal({ ...report, selfChecks: [{ name: 'A/A', passed: false }], partial: true }, false)
    expect(text).toContain('self-check failed: A/A')
    expect(text).toContain('Interrupted: this is what was finished.')
  })
})

describe('a report in Markdown', () => {
  it('has the same figures, the machine and the command that made them', () => {
    expect(asMarkdown(report)).toBe(
      `| ten steps | times the first | time, ns per call | p5 - p95 |
|---|--:|--:|--:|
| ours | 1 | **300** | 270 - 330 |
| ours again | no difference | **309** | 278 - 340 |
| theirs | 41.5 | 12,450 | 11,205 - 13,695 |

| target | limit | measured |  |
|---|--:|--:|--:|
| ours / theirs | at most 0.40 | 0.02 | met |

\`npm run bench -- chain\`, 2026-01-02, seed 1: a cpu, 2 cores, Node 24.0.0, Linux 6 x64. Each subject in its own process; medians over 9 rounds; differences below 5.0 % are noise (A/A pairs).
`,
    )
  })
})

describe('progress', () => {
  const shown = (isTTY: boolean) => {
    const text: string[] = []
    let now = 0
    const out = { isTTY, columns: 40, write: (chunk: string) => Boolean(text.push(chunk)) }
    const line = progressOn(out as never, 'chain', () => now)
    for (let done = 0; done < 4; done++) {
      line.step(done, 4, 'a subject with a rather long name')
      now += 6_000
    }
    line.end()
    return text
  }

  it('given a terminal, then one line is redrawn, no wider than it is, and cleared in the end', () => {
    const text = shown(true)
    expect(text.length).toBe(5)
    for (const chunk of text) {
      expect(chunk).not.toContain('\n')
      expect(stripVTControlCharacters(chunk).replace('\r', '').length).toBeLessThan(40)
    }
    expect(text[2]).toContain('2/4, 12 s left')
  })

  it('given no terminal, then a plain line every ten seconds', () => {
    expect(shown(false)).toEqual([
      'chain 0/4  a subject with a rather long name\n',
      'chain 2/4, 12 s left  a subject with a rather long name\n',
    ])
  })
})
