// D1, first discovery: from nothing to an instance that can be called, by the distance to the registry.
import { join } from 'node:path'
import { type Endpointer, endpointer, polling, snapshot } from '@tenon/discovery'
import { faultProxy } from '@tenon/example-registries'
import type { Row, Target } from '../harness/report.ts'
import { median, quantile, shuffled, summary } from '../harness/statistics.ts'
import { folder, instances, remembered } from './down.ts'
import type { Found, Lab } from './lab.ts'
import { atMost, rowOf } from './rows.ts'

/** Milliseconds there and back. */
const all = [0, 1, 10, 40]
const few = [0, 10]

/** Answers what closes it all, which is not part of the time. */
type First = (lab: Lab, url: string, service: string) => Promise<() => Promise<void>>

/** A fresh client, the endpoints of its instancer, and the time until all instances can be called. */
const ours: First = async ({ registry }, url, service) => {
  const client = registry.client(url)
  const endpoints = endpointer(client.instancer(service), { connect: ({ id }) => id })
  return settled(endpoints, client)
}

/** The same, with what it knew the last time in a file. */
const warm =
  (file: string): First =>
  async ({ registry }, url, service) => {
    const client = registry.client(url)
    const instancer = snapshot(client.instancer(service), { file, onTelemetry: () => {} })
    const endpoints = endpointer(instancer, { connect: ({ id }) => id })
    return settled(endpoints, {
      async [Symbol.asyncDispose]() {
        await instancer[Symbol.asyncDispose]()
        await client[Symbol.asyncDispose]()
      },
    })
  }

const polled: First = async ({ registry, random }, url, service) => {
  const raw = registry.raw(url)
  const ask = () => raw.list(service)
  const endpoints = endpointer(polling({ service, ask, every: 60_000, random, onTelemetry: () => {} }), {
    connect: ({ id }) => id,
  })
  return settled(endpoints, raw)
}

const byHand: First = async ({ registry }, url, service) => {
  const raw = registry.raw(url)
  const found = await raw.list(service)
  if (found.length !== instances) throw new Error(`${found.length} instances, and not ${instances}`)
  return async () => raw[Symbol.asyncDispose]()
}

/** Waits until all can be called. */
async function settled(endpoints: Endpointer<string>, connection: AsyncDisposable): Promise<() => Promise<void>> {
  const ready = await endpoints.ready({ atLeast: instances, timeout: 10_000 })
  if (ready._tag === 'Left') throw new Error(ready.left.message)
  return async () => {
    await endpoints[Symbol.asyncDispose]()
    await connection[Symbol.asyncDispose]()
  }
}

const floor = 'one request by hand'
const ownName = 'watch'

export async function firstDiscovery(lab: Lab): Promise<Found> {
  const { registry, server, direct, size, step, use, random } = lab
  const distances = lab.quick ? few : all
  const service = lab.service()
  for (let n = 0; n < instances; n++) await direct.register(service, lab.instance())
  const file = join(use(folder()).path, 'instances.json')
  await remembered(lab, service, file)
  const subjects: readonly (readonly [string, First])[] = [
    [floor, byHand],
    [ownName, ours],
    ['poll', polled],
    ['watch, and a snapshot', warm(file)],
  ]
  const network = use(await faultProxy(server.url))
  const times = new Map(subjects.map(([subject]) => [subject, distances.map((): number[] => [])]))
  for (const [at, distance] of distances.entries()) {
    network.delay(distance / 2)
    const url = distance === 0 ? server.url : network.url
    step(`first discovery, ${registry.name}, ${distance} ms away`)
    // Some first, and not counted: code is compiled while it runs.
    const warm = at === 0 ? size(20, 1) : 1
    for (let n = -warm; n < size(distance === 0 ? 200 : 50, 2); n++) {
      lab.signal.throwIfAborted()
      for (const [subject, first] of shuffled(subjects, random)) {
        const from = performance.now()
        const close = await first(lab, url, service)
        if (n >= 0) times.get(subject)?.[at]?.push(performance.now() - from)
        await close()
      }
    }
  }
  const title = `first discovery, ${registry.name}`
  const rows: Row[] = []
  const targets: Target[] = []
  for (const [subject, byDistance] of times) {
    const about = { case: title, subject }
    const ratios = byDistance.map((own, at) => own.map((each, n) => each / (times.get(floor)?.[at]?.[n] as number)))
    rows.push(
      { ...about, metric: 'ratio', unit: 'x', ...summary(ratios[0] ?? []), params: { against: floor, distance: 0 } },
      ...byDistance.map((own, at) => rowOf(about, `${distances[at]} ms away`, 'ms', own)),
      rowOf(about, 'p99 at 0 ms', 'ms', [quantile(byDistance[0] ?? [], 0.99)]),
      rowOf(about, 'round trips', 'of the network', [slope(distances, byDistance.map(median))]),
    )
    if (subject === ownName)
      for (const at of [0, distances.length - 1])
        targets.push(atMost(`${title}, ${distances[at]} ms away: watch / one request`, median(ratios[at] ?? []), 1.1))
  }
  return { rows, targets: lab.quick ? [] : targets, selfChecks: [] }
}

/** Of the line through the points that fits best. */
export function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length
  const [x, y] = [mean(xs), mean(ys)]
  const over = xs.reduce((sum, each, at) => sum + (each - x) * ((ys[at] as number) - y), 0)
  return over / xs.reduce((sum, each) => sum + (each - x) ** 2, 0)
}
