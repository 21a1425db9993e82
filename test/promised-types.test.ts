// The types we promise: everything in a package's types/uses.ts compiles, each numbered line of its types/mistakes.ts does
// not, and what the compiler says of each stands in types/mistakes.txt.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

it.each([
  'endpoint',
  'contract',
  'breaker',
  'limiter',
  'transport-http',
  'transport-grpc',
  'transport-nats',
  'discovery',
  'discovery-etcd',
])(
  '%s: what must compile does, each mistake does not, and its message names the culprit',
  async (name) => {
    const types = `packages/${name}/types`
    const args = [at('node_modules/typescript/bin/tsc'), '-p', at(types), '--pretty', 'false']
    const tsc = spawnSync(process.execPath, args, { encoding: 'utf8' })
    // The first line of a message; where overloads hide it there, the last, which is the innermost.
    const pattern = /^\S*?(\w+\.ts)\((\d+),\d+\): error (.*(?:\n {2}.*)*)/gm
    const errors = [...tsc.stdout.matchAll(pattern)].map(([, file, line, text = '']) => {
      const lines = text.split('\n')
      const message = text.includes('No overload') ? `... ${lines.at(-1)?.trim()}` : lines[0]
      return { file, line: Number(line), message }
    })
    expect(errors.filter((error) => error.file !== 'mistakes.ts')).toEqual([])
    const source = readFileSync(at(`${types}/mistakes.ts`), 'utf8').split('\n')
    const numberOf = (text: string | undefined): readonly string[] => /^\/\*(\d+)\*\//.exec(text ?? '')?.slice(1) ?? []
    const numbered = source.flatMap(numberOf)
    expect(numbered.length).toBeGreaterThan(0)
    expect(errors.flatMap((error) => numberOf(source[error.line - 1]))).toEqual(numbered)
    const told = errors.map(({ line, message }) => `${source[line - 1]}\n  ${message}\n`).join('\n')
    await expect(told).toMatchFileSnapshot(at(`${types}/mistakes.txt`))
  },
  60_000,
)
