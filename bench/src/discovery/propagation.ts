// D2, propagation, and D7: from the call that changes something in the registry until a client has heard, beside a watch that is
// written by hand, in turns.
import { faultProxy } from '@tenon/example-registries'
import type { Row, SelfCheck } from '../harness/report.ts'
import { quantile, shuffled } from '../harness/statistics.ts'
import { type Ear, has, hasNot } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { atMost, ratioOf, rowOf, timesOf } from './rows.ts'
import { type Discoverer, type Discovering, rawWatch, watch } from './strategies.ts'

/** Services with a watcher each: ours lets a burst of changes of one service through and then ten a second. */
const services = 24
const fewServices = 4
const subjects: readonly Discovering[] = [rawWatch, watch]

interface Watched {
  readonly how: Discovering
  readonly service: string
  readonly ear: Ear
  readonly id: string
  there: boolean
  changes: number
}

export async function propagation(lab: Lab): Promise<Found> {
  const { registry, signal, random, size, step } = lab
  const title = `a change is heard, ${registry.name}`
  const watchers = size(services, fewServices)
  const all = await opened(lab, watchers)
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  const rounds = size(1_000, 8) / watchers
  for (let round = 0; round < rounds; round++) {
    step(title)
    for (const one of shuffled(all, random)) times.get(one.how.name)?.push(await change(lab, one))
  }
  const rows: Row[] = subjects.flatMap(({ name, subject }) => {
    const own = times.get(name) ?? []
    const about = { case: title, subject }
    const mine = all.filter(({ how }) => how.name === name)
    const sum = (of: (one: Watched) => number): number => mine.reduce((total, one) => total + of(one), 0)
    return [
      ratioOf(about, 'p50 ratio', over(times, name, 0.5), own.length, rawWatch.subject),
      ratioOf(about, 'p99 ratio', over(times, name, 0.99), own.length, rawWatch.subject),
      ...timesOf(about, own),
      rowOf(about, 'told twice', 'sets', [sum(({ ear }) => ear.again)]),
      rowOf(about, 'lost', 'changes', [sum(({ ear, changes }) => Math.max(0, changes - ear.told))]),
    ]
  })
  const checks: SelfCheck[] = [
    {
      name: `${title}: every change was heard`,
      passed: all.every(({ there, ear, id }) => ear.known.ids?.includes(id) === there),
    },
  ]
  const far = await distant(lab)
  const targets = [
    atMost(`${title}: p50 of watch / by hand`, over(times, 'watch', 0.5), 1.1),
    atMost(`${title}: p99`, over(times, 'watch', 0.99), 1.3),
  ]
  signal.throwIfAborted()
  return { rows: [...rows, ...far], targets: lab.quick ? [] : targets, selfChecks: checks }
}

const over = (times: ReadonlyMap<string, readonly number[]>, name: string, q: number): number =>
  quantile(times.get(name) ?? [], q) / quantile(times.get(rawWatch.name) ?? [], q)

/** Each with an instance that stays: a watch of a service that nobody offers is woken by whatever happens to Consul's others. */
async function opened(lab: Lab, count: number, url?: string): Promise<Watched[]> {
  const all: Watched[] = []
  for (const how of subjects)
    for (let n = 0; n < count; n++) {
      const service = lab.service()
      await lab.direct.register(service, lab.instance())
      const [one] = (await lab.open(1, how, service, url)) as [Discoverer]
      all.push({ how, service, ear: one.ear, id: lab.instance(), there: false, changes: 0 })
    }
  return all
}

/** Registers the instance, or takes it out: milliseconds from the call until it is heard. */
async function change({ direct, signal }: Lab, one: Watched): Promise<number> {
  const { ear, service, id } = one
  one.there = !one.there
  one.changes++
  const heard = ear.until(one.there ? has(id) : hasNot(id), { signal })
  const from = performance.now()
  const told = one.there ? direct.register(service, id) : direct.deregister(service, id)
  const [at] = await Promise.all([heard, told])
  return at - from
}

/** The same over a network that takes its time, for the watchers; changes are made next to the registry. */
async function distant(lab: Lab): Promise<Row[]> {
  const { registry, server, random, size, step, use } = lab
  const title = `a change is heard further away, ${registry.name}`
  const rows: Row[] = []
  for (const distance of lab.quick ? [10] : [1, 10, 40]) {
    const network = use(await faultProxy(server.url, { delay: distance / 2 }))
    const all = await opened(lab, size(5, 1), network.url)
    const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
    for (let n = 0; n < size(12, 1); n++) {
      step(title)
      for (const one of shuffled(all, random)) times.get(one.how.name)?.push(await change(lab, one))
    }
    for (const { name, subject } of subjects)
      rows.push(rowOf({ case: title, subject }, `p50 at ${distance} ms`, 'ms', times.get(name) ?? []))
  }
  return rows
}
