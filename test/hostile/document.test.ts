// What a row of the pages says of others.
import { expect, it } from 'vitest'
import { document } from './document.ts'
import { pages } from './pages/pages.ts'
import { keyOf, type Row } from './results.ts'

it.each(pages)(
  'given an attack that was over before others asked, when $file is written, then no figure of others stands there',
  (page) => {
    const [family] = page.families
    const [attack] = family?.attacks ?? []
    if (family === undefined || attack === undefined) throw new Error('a page has attacks')
    const row: Row = {
      gets: 'nothing',
      seconds: 1,
      asked: 0,
      failed: {},
      p50: 0,
      p99: 0,
      quiet: { p50: 2.5, p99: 17 },
      held: 6,
      peak: 0.3,
      kept: 0,
    }
    const of = (seen: Partial<Row>): string =>
      document(page, { rows: { [keyOf(family, attack)]: { ...row, ...seen } }, date: '', node: '', machine: '' })
    expect(of({})).toContain('| – | – (2.5, 17) | 6 | +0.3, 0.0 |')
    expect(of({ asked: 3, p50: 0.04, p99: 8 })).toContain('| 3, none | 0.0, 8.0 (2.5, 17) | 6 |')
  },
)
