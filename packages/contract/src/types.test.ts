// The types we promise: everything in types/uses.ts compiles, each numbered line of types/mistakes.ts does not, and what
// the compiler says of each stands in types/mistakes.txt.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

it('what must compile does, each mistake does not, and its message names the culprit', async () => {
  const tsc = spawnSync(
    process.execPath,
    [at('../../../node_modules/typescript/bin/tsc'), '-p', at('../types'), '--pretty', 'false'],
    { encoding: 'utf8' },
  )
  // The first line of a message; where overloads hide it there, the last, which is the innermost.
  const pattern = /^\S*?(\w+\.ts)\((\d+),\d+\): error (.*(?:\n {2}.*)*)/gm
  const errors = [...tsc.stdout.matchAll(pattern)].map(([, file, line, text = '']) => {
    const lines = text.split('\n')
    return {
      file,
      line: Number(line),
      message: text.includes('No overload') ? `... ${lines.at(-1)?.trim()}` : lines[0],
    }
  })
  expect(errors.filter((error) => error.file === 'uses.ts')).toEqual([])
  const mistakes = errors.filter((error) => error.file === 'mistakes.ts')
  const source = readFileSync(at('../types/mistakes.ts'), 'utf8').split('\n')
  const numberOf = (line: number): number => Number(/^\/\*(\d+)\*\//.exec(source[line - 1] ?? '')?.[1])
  const numbered = source.flatMap((text) => /^\/\*(\d+)\*\//.exec(text)?.[1] ?? []).map(Number)
  expect(mistakes.map((error) => numberOf(error.line))).toEqual(numbered)
  const told = mistakes.map(({ line, message }) => `${source[line - 1]}\n  ${message}\n`).join('\n')
  await expect(told).toMatchFileSnapshot('../types/mistakes.txt')
}, 60_000)
