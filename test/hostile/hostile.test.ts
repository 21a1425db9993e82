// Every attack over HTTP, as much of it as a test can afford, and the pages. The whole of it: test/hostile/main.ts.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { families, ofHttp } from './cases/families.ts'
import { document } from './document.ts'
import { suite } from './harness/suite.ts'
import { pages } from './pages/pages.ts'
import { keyOf, readResults } from './results.ts'

suite(ofHttp)

describe('the pages', () => {
  const results = readResults()

  it('given every attack, when they are read, then each was measured', () => {
    const keys = families.flatMap((family) => family.attacks.map((attack) => keyOf(family, attack)))
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => !(key in results.rows))).toEqual([])
    expect(Object.keys(results.rows).filter((key) => !keys.includes(key))).toEqual([])
  })

  it.each(pages)('given $file, when it is read, then it says what came of the attacks', (page) => {
    const file = new URL(`../../docs/${page.file}`, import.meta.url)
    expect(readFileSync(file, 'utf8'), 'npm run exec -- node test/hostile/main.ts --write nothing').toBe(
      document(page, results),
    )
  })
})
