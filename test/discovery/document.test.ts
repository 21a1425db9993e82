// The page says what was measured, of every fault.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { faultsOf } from './cases/faults.ts'
import { document } from './document.ts'
import { backends } from './harness/backends.ts'
import { keyOf, readResults } from './results.ts'

const results = readResults()

it('given every fault, when docs/discovery.md is read, then each was measured', () => {
  const keys = backends.flatMap((backend) => faultsOf(backend).map((fault) => keyOf(backend, fault)))
  expect(new Set(keys).size).toBe(keys.length)
  expect(Object.keys(results.rows).sort()).toEqual(keys.sort())
})

it('given docs/discovery.md, when it is read, then it says what came of them', () => {
  const page = readFileSync(new URL('../../docs/discovery.md', import.meta.url), 'utf8')
  expect(page, 'npm run exec -- node test/discovery/main.ts --write nothing').toBe(document(results))
})
