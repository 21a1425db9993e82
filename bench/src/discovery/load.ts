// D5, what clients cost their registry: connections, requests and bytes while nothing changes and while much does; and the herd that comes
// when the registry is back.
import { type Meter, meter } from '../harness/meter.ts'
import type { Row } from '../harness/report.ts'
import { has } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { rowOf } from './rows.ts'
import { cached, type Discoverer, type Discovering, poll, watch } from './strategies.ts'

const kinds = (quick: boolean): readonly Discovering[] =>
  quick ? [watch, poll(200)] : [watch, poll(1_000), poll(5_000), poll(5_000, 0.2), cached(5_000)]

const instances = 20
/** What is counted is told for so many clients. */
const told = 1_000
/** Milliseconds in which a herd is counted. */
const bucket = 100

interface Kind {
  readonly how: Discovering
  readonly way: Meter
  readonly all: readonly Discoverer[]
}

export async function load(lab: Lab): Promise<Found> {
  const { registry, server, direct, size, quick, step, use } = lab
  const clients = size(50, 3)
  const title = `what ${told.toLocaleString('en-US')} clients cost ${registry.name}`
  step(title)
  const service = lab.service()
  const ids = Array.from({ length: instances }, () => lab.instance())
  for (const id of ids) await direct.register(service, id)
  const all: Kind[] = []
  for (const how of kinds(quick)) {
    const way = use(await meter(server.url))
    all.push({ how, way, all: await lab.open(clients, how, service, way.url) })
  }
  const idle = await counted(all, () => lab.sleep(size(10_000, 500)))
  const open = all.map(({ way }) => way.open)
  step(title)
  const changes = size(10, 2)
  const busy = await counted(all, async () => {
    for (let n = 0; n < changes; n++) {
      await (n % 2 === 0 ? direct.deregister(service, ids[0] as string) : direct.register(service, ids[0] as string))
      await lab.sleep(size(1_000, 200))
    }
  })
  const per = told / clients
  const rows = all.flatMap(({ how }, at): Row[] => {
    const about = { case: title, subject: how.subject }
    const row = (metric: string, unit: string, value: number): Row =>
      rowOf(about, metric, unit, [value * per], { clients, instances, scaled: per })
    return [
      row('open', 'connections', open[at] as number),
      row('idle', 'requests/s', (idle[at] as Count).requests),
      row('idle, traffic', 'kB/s', (idle[at] as Count).bytes / 1_000),
      row('a change a second', 'requests/s', (busy[at] as Count).requests),
      row('a change a second, traffic', 'kB/s', (busy[at] as Count).bytes / 1_000),
    ]
  })
  return { rows: [...rows, ...(await herd(lab, all, service))], targets: [], selfChecks: [] }
}

interface Count {
  /** A second. */
  readonly requests: number
  readonly bytes: number
}

async function counted(all: readonly Kind[], during: () => Promise<unknown>): Promise<readonly Count[]> {
  const before = all.map(({ way }) => ({ requests: way.requests, bytes: way.bytes }))
  const from = performance.now()
  await during()
  const seconds = (performance.now() - from) / 1_000
  return all.map(({ way }, at) => ({
    requests: (way.requests - (before[at]?.requests ?? 0)) / seconds,
    bytes: (way.bytes - (before[at]?.bytes ?? 0)) / seconds,
  }))
}

/** The registry is killed and comes back with nothing: who asks how often meanwhile, and how many at once then? */
async function herd(lab: Lab, all: readonly Kind[], service: string): Promise<Row[]> {
  const { registry, server, direct, signal, size, step } = lab
  const title = `${told.toLocaleString('en-US')} clients, and ${registry.name} is gone for ${size(3_000, 100) / 1_000} s`
  step(title)
  await server.kill()
  const began = performance.now()
  await lab.sleep(size(3_000, 100))
  await server.restart({ empty: true })
  const back = performance.now()
  const id = lab.instance()
  await direct.register(service, id).catch(() => direct.register(service, id))
  for (const { all: each } of all) await Promise.all(each.map(({ ear }) => ear.until(has(id), { signal })))
  return all
    .map(({ how, way, all: each }) => ({
      ...rowOf({ case: title, subject: how.subject }, 'tries of a client', 'a second', [
        way.opened.filter((at) => at >= began && at < back).length / each.length / ((back - began) / 1_000),
      ]),
    }))
    .flatMap((row, at) => [
      row,
      rowOf({ case: title, subject: row.subject }, `at once, when it is back`, `requests in ${bucket} ms`, [
        (most((all[at] as Kind).way.asked.filter((time) => time >= back)) * told) / (all[at] as Kind).all.length,
      ]),
    ])
}

/** The most events in any bucket that begins with one. */
export function most(times: readonly number[]): number {
  let best = 0
  let from = 0
  for (let to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) > bucket) from++
    best = Math.max(best, to - from + 1)
  }
  return best
}
