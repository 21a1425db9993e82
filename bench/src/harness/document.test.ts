import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { suites } from '../suites.ts'
import { documents, profileAt } from './document.ts'

describe('the published figures', () => {
  const all = documents(suites)

  it.each([...all].map(([path, text]) => ({ path: relative(process.cwd(), path), file: path, text })))(
    'given a run in bench/results, then $path shows it (else: npm run bench -- --document)',
    ({ file, text }) => {
      expect(readFileSync(file, 'utf8')).toBe(text)
    },
  )

  it('given the document of all, then it names every suite that was published, the machine and the command, and shows profiles', () => {
    const [, text] = [...all].find(([path]) => path.endsWith('benchmarks.md')) ?? []
    expect(text).toContain('## chain')
    expect(text).toContain(readFileSync(profileAt('http'), 'utf8').trimEnd())
    expect(text).toMatch(/`npm run bench -- chain`, \d{4}-\d\d-\d\d, seed \d+: .+ cores, Node \d+/)
  })
})
