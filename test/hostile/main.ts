// Runs the attacks and prints what came of each; --write keeps the figures and makes docs/hostile-input*.md of them.
// usage: npm run exec -- node test/hostile/main.ts [--quick] [--write] [--missing | --unmeasured] [PART OF A NAME...]
// --missing: only what no figures are kept of; --unmeasured: that, and what was only measured by --quick (°).
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { families } from './cases/families.ts'
import { document } from './document.ts'
import { run } from './harness/run.ts'
import { stageFor } from './harness/stages.ts'
import { pass } from './harness/wire.ts'
import { pages } from './pages/pages.ts'
import { keep, keyOf, prune, type Row, readResults, rowOf } from './results.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    missing: { type: 'boolean', default: false },
    unmeasured: { type: 'boolean', default: false },
  },
})
const scale = values.quick ? 'quick' : 'full'
const measured = readResults().rows
const chosen = (key: string): boolean =>
  !(values.missing && Object.hasOwn(measured, key)) &&
  !(values.unmeasured && measured[key] !== undefined && measured[key].quick !== true) &&
  (positionals.length === 0 || positionals.some((part) => key.includes(part)))

/** Milliseconds that others are watched before the attack. */
const quiet = values.quick ? 100 : 1_000

let failed = 0
for (const family of families)
  for (const attack of family.attacks) {
    const key = keyOf(family, attack)
    if (!chosen(key)) continue
    await using stage = await stageFor(family, attack, scale)
    const before = await stage.watch(() => pass(quiet))
    const outcome = await run([attack], stage, scale)
    const row: Row = { ...rowOf(outcome, before), ...(values.quick && { quick: true }) }
    console.log(`${key}: ${row.gets} (${row.seconds} s)`)
    console.log(
      `  others ${row.asked}, p50 ${row.p50} (${row.quiet.p50}) p99 ${row.p99} (${row.quiet.p99}) ms; held ${row.held} ms; memory +${row.peak}, ${row.kept} MB`,
    )
    const wrong = [...outcome.wrong, ...outcome.each.flatMap((one) => one.wrong)]
    for (const what of wrong) console.log(`  WRONG: ${what.slice(0, 1_000)}`)
    failed += Number(wrong.length > 0)
    if (values.write && wrong.length === 0) keep({ [key]: row } satisfies Record<string, Row>)
  }
if (values.write) {
  prune(families.flatMap((family) => family.attacks.map((attack) => keyOf(family, attack))))
  for (const page of pages)
    writeFileSync(new URL(`../../docs/${page.file}`, import.meta.url), document(page, readResults()))
}
if (failed > 0) {
  console.log(`${failed} went wrong`)
  process.exitCode = 1
}
