// D2 for who asks every so often, and D6, calls that go astray: many clients of each kind hear of the same instance that comes and goes,
// and each of them calls whom it knows.
import type { Row } from '../harness/report.ts'
import { interval } from '../simulator/interval.ts'
import { calling } from './calling.ts'
import { has, hasNot, unheard } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { timesOf } from './rows.ts'
import { cached, type Discoverer, type Discovering, poll, resync, watch } from './strategies.ts'

const kinds = (quick: boolean): readonly Discovering[] =>
  quick
    ? [watch, poll(200), cached(200)]
    : [watch, resync(5_000), poll(1_000), poll(5_000), poll(5_000, 0.2), cached(5_000)]

/** Instances beside the one that comes and goes. */
const others = 3
/** Milliseconds between two calls of a client: 20 a second, over all instances in turn. */
const every = 50
/** Milliseconds that an instance still answers after it has been taken out. */
const drains = [0, 1_000, 5_000]

interface Kind {
  readonly how: Discovering
  readonly all: readonly Discoverer[]
  /** Milliseconds until each client had heard, of every change. */
  readonly heard: number[]
  /** Of each time that an instance left: how much later each call came that went to it all the same. */
  readonly astray: number[][]
}

export async function lag(lab: Lab): Promise<Found> {
  const { registry, direct, signal, random, size, step } = lab
  const service = lab.service()
  for (let n = 0; n < others; n++) await direct.register(service, lab.instance())
  const clients: Kind[] = []
  for (const how of kinds(lab.quick))
    clients.push({ how, all: await lab.open(size(30, 3), how, service), heard: [], astray: [] })
  let gone: { readonly id: string; readonly at: number } | undefined
  using calls = new DisposableStack()
  for (const { all, astray } of clients)
    for (const { ear } of all) {
      calls.use(
        calling(ear, every, random, (id, at) => {
          if (id === gone?.id) astray.at(-1)?.push(at - gone.at)
        }),
      )
    }
  for (let round = 0; round < size(5, 1); round++) {
    step(`how long until who asks has heard, ${registry.name}`)
    const id = lab.instance()
    for (const way of ['came', 'went'] as const) {
      // At any moment of anybody's turn.
      await lab.sleep(random() * size(5_000, 200))
      const hearing = clients.map(({ all }) =>
        Promise.all(all.map(({ ear }) => ear.until(way === 'came' ? has(id) : hasNot(id), { signal }))),
      )
      for (const each of hearing) unheard(each)
      const from = performance.now()
      if (way === 'went') {
        for (const { astray } of clients) astray.push([])
        gone = { id, at: from }
      }
      await (way === 'came' ? direct.register(service, id) : direct.deregister(service, id))
      for (const [at, { heard }] of clients.entries())
        heard.push(...((await hearing[at]) ?? []).map((time) => time - from))
    }
  }
  const rows = clients.flatMap((kind) => [...heardRows(registry.name, kind), ...astrayRows(registry.name, kind)])
  return { rows, targets: [], selfChecks: [] }
}

const heardRows = (registry: string, { how, all, heard }: Kind): Row[] =>
  timesOf({ case: `how long until a client has heard, ${registry}`, subject: how.subject }, heard, {
    clients: all.length,
  })

const astrayRows = (registry: string, { how, all, astray }: Kind): Row[] =>
  drains.map((drain) => ({
    case: `calls to an instance that has left, ${registry}`,
    subject: how.subject,
    metric: drain === 0 ? 'it closes at once' : `it closes after ${drain / 1_000} s`,
    unit: 'calls of a client',
    ...interval(astray.map((late) => late.filter((each) => each > drain).length / all.length)),
    params: {
      shows: 'interval',
      clients: all.length,
      callsPerSecond: 1_000 / every,
      statistic: 'mean, 95 % confidence interval',
    },
  }))
