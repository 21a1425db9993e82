// Runs the suite and prints what failed; --write makes docs/conformance.md of it.
// usage: npm run exec -- node test/conformance/main.ts [--write | NAME OF A WIRE...]
import { writeFileSync } from 'node:fs'
import { conformance, type Verdict } from '@tenon/conformance'
import { missing, startNats } from '../../packages/transport-nats/test/nats-server.ts'
import { document } from './document.ts'
import { wiresOn } from './wires.ts'

await using server = await startNats()
if (server === undefined) console.error(`${missing}: its wires are left out`)
const wires = wiresOn(server?.url)

const [...names] = process.argv.slice(2)
const write = names.includes('--write')
const unknown = names.filter((name) => name !== '--write' && !wires.some((wire) => wire.name === name))
if (unknown.length > 0) {
  console.error(`no wire is called ${unknown.join(', ')}; there are ${wires.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const verdicts = new Map<string, readonly Verdict[]>()
for (const wire of wires.filter(({ name }) => write || names.length === 0 || names.includes(name))) {
  const all = await conformance(wire)
  verdicts.set(wire.name, all)
  const of = (result: Verdict['result']): number => all.filter((verdict) => verdict.result === result).length
  console.log(`${wire.name}: ${of('passed')} passed, ${of('failed')} failed, ${of('lacks')} that it lacks`)
  for (const verdict of all)
    if (verdict.result === 'failed') {
      console.log(`  ${verdict.id}: ${verdict.says}\n    ${verdict.why.replaceAll('\n', '\n    ')}`)
      process.exitCode = 1
    }
}
if (write) writeFileSync(new URL('../../docs/conformance.md', import.meta.url), document(verdicts))
