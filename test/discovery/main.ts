// Lets registries fail in every way and prints what callers saw; --write keeps the figures and makes docs/discovery.md of them.
// usage: npm run exec -- node test/discovery/main.ts [--quick] [--write] [--missing] [PART OF A NAME...]
// --missing: only what no figures are kept of.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { missing } from '@tenon/example-registries'
import { faultsOf } from './cases/faults.ts'
import { document } from './document.ts'
import { backends } from './harness/backends.ts'
import { type Tried, unexpected } from './harness/fault.ts'
import { full, quick } from './harness/scales.ts'
import { keep, keyOf, prune, readResults, rowOf } from './results.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    missing: { type: 'boolean', default: false },
  },
})
const scale = values.quick ? quick : full
const measured = readResults().rows
const chosen = (key: string): boolean =>
  !(values.missing && Object.hasOwn(measured, key)) &&
  (positionals.length === 0 || positionals.some((part) => key.includes(part)))

/** Milliseconds within which 99 of 100 watches are to be fresh, where a fault does not say. */
const soon = 1_000

let failed = 0
for (const backend of backends)
  for (const fault of faultsOf(backend)) {
    const key = keyOf(backend, fault)
    if (!chosen(key)) continue
    const why = missing(backend.needs)
    if (why !== undefined) throw new Error(why)
    const begin = performance.now()
    const all: Tried[] = []
    for (let n = 0; n < scale.times; n++) all.push(await fault.run(backend, scale))
    const row = rowOf(all)
    const { asked, had, watches, p50, p99, max } = row
    const wrong = all.flatMap((tried) => [...tried.wrong, ...unexpected(fault, tried)])
    const { within = soon } = fault
    console.log(`${key}: ${asked} calls, ${JSON.stringify(row.failed)} failed; ${had}`)
    console.log(
      `  fresh after ${p50}, ${p99}, ${max} ms (${watches}); took ${Math.round((performance.now() - begin) / 100) / 10} s`,
    )
    for (const what of wrong) console.log(`  WRONG: ${what}`)
    if (p99 > within) console.log(`  LATE: fresh after ${p99} ms, and not within ${within}`)
    failed += Number(wrong.length > 0 || p99 > within)
    if (values.write && wrong.length === 0) keep({ [key]: row })
  }
if (values.write) {
  prune(backends.flatMap((backend) => faultsOf(backend).map((fault) => keyOf(backend, fault))))
  writeFileSync(new URL('../../docs/discovery.md', import.meta.url), document(readResults()))
}
if (failed > 0) {
  console.log(`${failed} went wrong`)
  process.exitCode = 1
}
