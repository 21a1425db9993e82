// D4, what clients notice while the registry cannot be asked, and how long it takes them afterwards.
import { faultProxy } from '@tenon/example-registries'
import type { Row, Target } from '../harness/report.ts'
import { quantile } from '../harness/statistics.ts'
import { type Ear, has } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { rowOf, timesOf } from './rows.ts'
import { cached, type Discoverer, type Discovering, poll, resync, watch } from './strategies.ts'

const kinds = (quick: boolean): readonly Discovering[] =>
  quick ? [watch, poll(200)] : [watch, resync(5_000), poll(1_000), poll(5_000), cached(5_000)]

/** A way in which the registry is away. */
interface Outage {
  readonly title: string
  /** Milliseconds. */
  readonly lasts: number
  begin(): Promise<void>
  /** Resolves when it can be asked again. */
  end(): Promise<void>
}

interface Kind {
  readonly how: Discovering
  readonly all: readonly Discoverer[]
}

export async function outages(lab: Lab): Promise<Found> {
  const { server, direct, size, quick, use } = lab
  const network = use(await faultProxy(server.url))
  const lasts = size(10_000, 300)
  const cut: Outage = {
    title: `cut off for ${lasts / 1_000} s, connections reset`,
    lasts,
    async begin() {
      await network.refuse()
      network.reset()
    },
    end: () => network.heal(),
  }
  const silence: Outage = {
    title: `cut off for ${lasts / 1_000} s, nothing is heard`,
    lasts,
    async begin() {
      network.partition()
    },
    end: () => network.heal(),
  }
  const restart = (ms: number, title: string): Outage => ({
    title,
    lasts: ms,
    async begin() {
      // So that its index is lower when it has forgotten everything.
      for (let n = 0; n < size(200, 20); n++) await direct.touch()
      await server.kill()
    },
    end: () => server.restart({ empty: true }),
  })
  const all = quick
    ? [cut, restart(100, 'killed, and back with nothing')]
    : [
        cut,
        silence,
        restart(100, 'killed, and back at once with nothing'),
        restart(10_000, 'killed, and back after 10 s with nothing'),
      ]
  const rows: Row[] = []
  const targets: Target[] = []
  for (const outage of all) {
    const found = await through(lab, network.url, outage)
    rows.push(...found.rows)
    targets.push(...found.targets)
  }
  return { rows, targets: quick ? [] : targets, selfChecks: [] }
}

/** Bars of the registry's return, milliseconds. */
const bar = 1_000

async function through(lab: Lab, url: string, outage: Outage): Promise<{ rows: Row[]; targets: Target[] }> {
  const { registry, direct, signal, size, step } = lab
  const title = `${outage.title}, ${registry.name}`
  step(title)
  const service = lab.service()
  const before = lab.instance()
  await direct.register(service, before)
  const clients = kinds(lab.quick).map((how): Kind => ({ how, all: lab.open(size(20, 2), how, service, url) }))
  for (const { all } of clients) await Promise.all(all.map(({ ear }) => ear.until(has(before), { signal })))
  await outage.begin()
  const began = performance.now()
  const asked = clients.map(({ all }) => served(all.map(({ ear }) => ear)))
  await lab.sleep(outage.lasts)
  const shares = asked.map((stop) => stop())
  // What is new then, by somebody who can reach the registry: before it heals, or as soon as it is back.
  const fresh = lab.instance()
  const early = direct.register(service, fresh).then(
    () => true,
    () => false,
  )
  const reachable = await early
  await outage.end()
  const ended = performance.now()
  if (!reachable) await registered(lab, service, fresh)
  const from = reachable ? ended : performance.now()
  const rows: Row[] = []
  const targets: Target[] = []
  for (const [at, { how, all }] of clients.entries()) {
    const about = { case: title, subject: how.subject }
    const times = await Promise.all(
      all.map(({ ear }) =>
        ear.until((known) => has(fresh)(known) && known.error === undefined, { signal, patience: 60_000 }),
      ),
    )
    const late = times.map((time) => Math.max(0, time - from))
    rows.push(
      rowOf(about, 'calls served meanwhile', '%', [(shares[at] ?? Number.NaN) * 100], { lasted: from - began }),
      ...timesOf(about, late, { clients: all.length }).map((row) => ({ ...row, metric: `fresh again, ${row.metric}` })),
    )
    if (how === watch)
      targets.push({
        name: `${title}: p99 until a watch is fresh, ms`,
        measured: quantile(late, 0.99),
        limit: bar,
        met: quantile(late, 0.99) <= bar,
      })
  }
  return { rows, targets }
}

/** Looks a hundred times a second whether there is somebody to call; what it answers ends that and tells the share. */
function served(ears: readonly Ear[]): () => number {
  let [asked, answered] = [0, 0]
  const timer = setInterval(() => {
    for (const { known } of ears) {
      asked++
      if (known.ids !== undefined && known.ids.length > 0) answered++
    }
  }, 10)
  return () => {
    clearInterval(timer)
    return asked === 0 ? 1 : answered / asked
  }
}

/** Registers, however often it takes. */
async function registered({ direct, sleep }: Lab, service: string, id: string): Promise<void> {
  for (;;) {
    try {
      return await direct.register(service, id)
    } catch {
      await sleep(5)
    }
  }
}
