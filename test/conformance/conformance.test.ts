// Every behaviour on every transport, and through every pair of them; the document says what came of it.
import { readFileSync } from 'node:fs'
import { cases, conforms, type Verdict } from '@tenon/conformance'
import { afterAll, describe, expect, it } from 'vitest'
import { missing } from '../../packages/transport-nats/test/nats-server.ts'
import { document } from './document.ts'
import { wiresOn } from './wires.ts'

const server = process.env.TENON_TEST_NATS
const wires = wiresOn(server)

const verdicts = new Map<string, Verdict[]>(wires.map(({ name }) => [name, []]))

describe.each(wires)('$name', (wire) => {
  it.each(cases)('$id: $says', async (one) => {
    const verdict = await conforms(one, wire)
    verdicts.get(wire.name)?.push(verdict)
    if (verdict.result === 'failed') expect.fail(verdict.why)
  })
})

describe('docs/conformance.md', () => {
  afterAll(() => verdicts.clear())

  it('given what every wire did, when it is written down, then the document says the same', (context) => {
    if (server === undefined) context.skip(missing)
    const complete = [...verdicts.values()].every((list) => list.length === cases.length)
    if (!complete) return
    const file = new URL('../../docs/conformance.md', import.meta.url)
    expect(readFileSync(file, 'utf8'), 'npm run exec -- node test/conformance/main.ts --write').toBe(document(verdicts))
  })
})
