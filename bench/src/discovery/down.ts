// D1 when the registry cannot be reached: a process starts, and calls.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { balanced, type Connect, endpointer, type Instancer, roundRobin, snapshot } from '@tenon/discovery'
import { call, endpoint, ok } from '@tenon/endpoint'
import { faultProxy } from '@tenon/example-registries'
import type { Row } from '../harness/report.ts'
import { listen } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { rowOf, timesOf } from './rows.ts'

export const instances = 3
const anybody = endpoint(() => ok())
const connect: Connect<typeof anybody> = () => anybody

/** A folder for files, gone with whoever made it. */
export function folder(): { readonly path: string } & AsyncDisposable {
  const path = mkdtempSync(join(tmpdir(), 'tenon-bench-'))
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) }
}

/** Has a client of the service write its snapshot. */
export async function remembered({ registry, server, signal }: Lab, service: string, file: string): Promise<void> {
  await using client = registry.client(server.url)
  await using kept = snapshot(client.instancer(service), { file, delay: 0, onTelemetry: () => {} })
  using ear = listen(kept)
  await ear.until(({ ids, error }) => ids?.length === instances && error === undefined, { signal })
}

export async function startsDown(lab: Lab): Promise<Found> {
  const { registry, server, direct, size, step, use } = lab
  const title = `a process starts while ${registry.name} is down`
  step(title)
  const service = lab.service()
  for (let n = 0; n < instances; n++) await direct.register(service, lab.instance())
  const file = join(use(folder()).path, 'instances.json')
  await remembered(lab, service, file)
  const network = use(await faultProxy(server.url))
  await network.refuse()
  const subjects: readonly (readonly [string, (inner: Instancer) => Instancer])[] = [
    ['watch', (inner) => inner],
    ['watch, and a snapshot of yesterday', (inner) => snapshot(inner, { file, onTelemetry: () => {} })],
  ]
  const rows: Row[] = []
  for (const [subject, through] of subjects) {
    const times: number[] = []
    let served = 0
    for (let n = 0; n < size(10, 1); n++) {
      step(title)
      lab.signal.throwIfAborted()
      const from = performance.now()
      await using client = registry.client(network.url)
      await using instancer = through(client.instancer(service))
      await using endpoints = endpointer(instancer, { connect, onTelemetry: () => {} })
      const answer = await call(balanced(endpoints, roundRobin()), undefined)
      times.push(performance.now() - from)
      if (answer._tag === 'Right') served++
    }
    const about = { case: title, subject }
    rows.push(
      rowOf(about, 'first call served', '%', [(100 * served) / times.length], { neutral: true }),
      ...timesOf(about, times).map((row) => ({ ...row, metric: `first call ends, ${row.metric}` })),
    )
  }
  return { rows, targets: [], selfChecks: [] }
}
