// The last line of a test run, in a form that people and CI read alike; and a run that ran nothing is a failed run.
import type { Reporter, TestModule } from 'vitest/node'

export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    // What fails outside a test (a file, an unhandled rejection) counts too, or the line would say that all is well.
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
    }
    const skipped = count.skipped + count.pending
    if (count.passed + count.failed === 0) {
      console.error('no test ran')
      process.exitCode = 1
    }
    console.log(`tests: ${count.passed} passed, ${count.failed} failed, ${skipped} skipped`)
  }
}
