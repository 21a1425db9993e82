// D4, what clients notice while the registry cannot be asked, and how long it takes them afterwards.
import { faultProxy } from '@tenon/example-registries'
import type { Row, Target } from '../harness/report.ts'
import { quantile } from '../harness/statistics.ts'
import { type Ear, has, unheard } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { atMost, rowOf, timesOf } from './rows.ts'
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

/** Milliseconds within which a watch is to be fresh once the registry can be asked again, and within which anybody is. */
const bar = 1_000
const patience = 30_000

async function through(lab: Lab, url: string, outage: Outage): Promise<{ rows: Row[]; targets: Target[] }> {
  const { registry, direct, signal, size, step } = lab
  const title = `${outage.title}, ${registry.name}`
  step(title)
  const service = lab.service()
  const before = lab.instance()
  await direct.register(service, before)
  const clients: Kind[] = []
  for (const how of kinds(lab.quick)) clients.push({ how, all: await lab.open(size(10, 2), how, service, url) })
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
  // All listen at once: whoever is asked first must not keep the others waiting.
  const all = Promise.all(clients.map((kind) => freshAgain(kind, fresh, signal)))
  unheard(all)
  if (!reachable) await registered(lab, service, fresh)
  const since = reachable ? ended : performance.now()
  const times = await all
  const rows: Row[] = []
  const targets: Target[] = []
  for (const [at, { how, all }] of clients.entries()) {
    const about = { case: title, subject: how.subject }
    const late = (times[at] ?? []).map((time) => Math.max(0, time - since))
    rows.push(
      rowOf(about, 'calls served meanwhile', '%', [(shares[at] ?? Number.NaN) * 100], {
        lasted: ended - began,
        neutral: true,
      }),
      ...timesOf(about, late, { clients: all.length }).map((row) => ({ ...row, metric: `fresh again, ${row.metric}` })),
      rowOf(about, `not within ${patience / 1_000} s`, 'clients', [all.length - late.length], { clients: all.length }),
    )
    const p99 = late.length < all.length ? patience : quantile(late, 0.99)
    if (how === watch) targets.push(atMost(`${title}: p99 until a watch is fresh, ms`, p99, bar))
  }
  // The next outage is not that of these.
  for (const { all } of clients) for (const each of all) await each[Symbol.asyncDispose]()
  return { rows, targets }
}

/** When each client knew this instance and no error any more; those that did not within `patience` are left out. */
async function freshAgain({ all }: Kind, id: string, signal: AbortSignal): Promise<readonly number[]> {
  const times = await Promise.all(
    all.map(({ ear }) =>
      ear
        .until((known) => has(id)(known) && known.error === undefined, { signal, patience })
        .catch(() => {
          signal.throwIfAborted()
          return undefined
        }),
    ),
  )
  return times.filter((time) => time !== undefined)
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

/** Registers over a new connection: whoever waited for one that broke would come late. */
async function registered({ registry, server, sleep }: Lab, service: string, id: string): Promise<void> {
  for (;;) {
    await using raw = registry.raw(server.url)
    try {
      return await raw.register(service, id)
    } catch {
      await sleep(5)
    }
  }
}
