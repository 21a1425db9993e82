import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { MethodInfo } from './method.ts'
import { type Warn, warner } from './unheard.ts'

const method: MethodInfo = { contract: 'shop.v1.Shop', name: 'buy', kind: 'unary', idempotent: false }
const index = fileURLToPath(new URL('./index.ts', import.meta.url))

/** What a program says on stderr whose handler throws. */
async function program(before: string): Promise<string> {
  const source = `
    import { call, endpoint, subscribe } from ${JSON.stringify(index)}
    ${before}
    const broken = endpoint(function buggy() { throw new Error('the bug') }, ${JSON.stringify(method)})
    await call(broken, 1)`
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source]
  return (await promisify(execFile)(process.execPath, flags)).stderr
}

describe('a defect that nobody listens for', () => {
  it('given a program that set up nothing, then its method and stack are on stderr', async () => {
    const said = await program('')
    expect(said).toMatch(/TenonDefect: a defect in shop\.v1\.Shop\/buy/)
    expect(said).toMatch(/Error: the bug\n\s+at .*buggy/)
  })

  it('given a subscriber of defects, or a listener of warnings without the default, then stderr stays empty', async () => {
    expect(await program(`subscribe(() => {}, ['defect'])`)).toBe('')
    expect(await program(`process.removeAllListeners('warning'); process.on('warning', () => {})`)).toBe('')
  })

  it('given a subscriber of other kinds only, then it is still said', async () => {
    expect(await program(`subscribe(() => {}, ['timeout.late'])`)).toMatch(/the bug/)
  })

  it('given more than ten in a minute, then ten are said, and the next minute tells how many were left out', () => {
    const said: string[] = []
    let now = 5
    const tell = warner(
      (message) => said.push(message),
      () => now,
    )
    for (let i = 0; i < 25; i++) tell(method, i)
    expect(said).toHaveLength(10)
    expect(said[9]).toMatch(/the others of this minute are only counted$/)
    now += 60_000
    tell(method, 0)
    tell(method, 0)
    expect(said[10]).toMatch(/\(15 more before it were left out\)/)
    expect(said[11]).not.toMatch(/left out/)
  })

  it('given causes that cannot be shown, long ones, and a warn that throws, then nothing throws', () => {
    const details: string[] = []
    const warn: Warn = (_, { detail }) => {
      details.push(detail)
      throw new Error('warn')
    }
    const tell = warner(warn, () => 0)
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('get')
      },
      getPrototypeOf: () => {
        throw new Error('prototype')
      },
    })
    const long = new Error('long')
    long.stack = 'x'.repeat(100_000)
    for (const cause of [hostile, long, undefined, 'text']) tell(undefined, cause)
    expect(details[0]).toBe('a cause that cannot be shown')
    expect(details[1]).toHaveLength(8_195)
    expect(details.slice(2)).toEqual(['undefined', "'text'"])
  })
})
