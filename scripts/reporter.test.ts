import { expect, test, vi } from 'vitest'
import type { TestModule } from 'vitest/node'
import Summary from './reporter.ts'

/** The line that is printed, and the exit code that is asked for. */
function ending(states: readonly string[], { errors = 0, unhandled = 0 } = {}): { line: unknown; code: unknown } {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const before = process.exitCode
  const children = { allTests: () => states.map((state) => ({ result: () => ({ state }) })) }
  const module = { children, state: () => (errors > 0 ? 'failed' : 'passed'), errors: () => Array(errors).fill('') }
  try {
    process.exitCode = undefined
    new Summary().onTestRunEnd([module as unknown as TestModule], Array(unhandled).fill(''))
    return { line: log.mock.calls.at(-1)?.[0], code: process.exitCode }
  } finally {
    process.exitCode = before
    log.mockRestore()
    error.mockRestore()
  }
}

test.each([
  [['passed', 'failed', 'skipped', 'pending'], {}, 'tests: 1 passed, 1 failed, 2 skipped', undefined],
  [['passed'], { errors: 1 }, 'tests: 1 passed, 1 failed, 0 skipped', undefined],
  [['passed'], { unhandled: 2 }, 'tests: 1 passed, 2 failed, 0 skipped', undefined],
  [['skipped'], {}, 'tests: 0 passed, 0 failed, 1 skipped', 1],
  [[], {}, 'tests: 0 passed, 0 failed, 0 skipped', 1],
])('given the results %j and %j, when the run ends, then it says: %s', (states, more, line, code) => {
  expect(ending(states, more)).toEqual({ line, code })
})
