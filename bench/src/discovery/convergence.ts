// D8: how long until all of many clients hold the same, when a dozen instances come at once and when all are exchanged.
import type { Row } from '../harness/report.ts'
import { are, unheard } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { rowOf } from './rows.ts'
import { type Discoverer, poll, subscribers, watch } from './strategies.ts'

const dozen = 12
/** Milliseconds for a thousand clients in one process. */
const patience = 120_000

export async function convergence(lab: Lab): Promise<Found> {
  const { registry, server, random, size, quick } = lab
  const title = `until all clients hold the same, ${registry.name}`
  const polls = poll(size(1_000, 200))
  const polled = size(100, 3)
  const counts = quick ? [1, 10] : [1, 10, 100, 1_000].filter((count) => count <= registry.crowd)
  const openings: [string, (service: string) => Promise<readonly Discoverer[]>][] = [
    ...counts.map((count): (typeof openings)[number] => [
      `watch, ${count.toLocaleString('en-US')} ${count === 1 ? 'client' : 'clients'}`,
      (service) => lab.open(count, watch, service),
    ]),
    [
      'watch, 1,000 who listen in one client',
      async (service) => subscribers(1_000, { registry, url: server.url, service, random }).map(lab.use),
    ],
    [`${polls.subject}, ${polled} clients`, (service) => lab.open(polled, polls, service)],
  ]
  const rows: Row[] = []
  for (const [subject, open] of openings) rows.push(...(await converged(lab, { case: title, subject }, open)))
  return { rows, targets: [], selfChecks: [] }
}

async function converged(
  lab: Lab,
  about: { readonly case: string; readonly subject: string },
  open: (service: string) => Promise<readonly Discoverer[]>,
): Promise<Row[]> {
  const { direct, signal, size, step } = lab
  step(`${about.case}: ${about.subject}`)
  const service = lab.service()
  let ids = Array.from({ length: dozen }, () => lab.instance())
  await Promise.all(ids.map((id) => direct.register(service, id)))
  const clients = await open(service)
  const all = (wanted: readonly string[]): Promise<unknown> => {
    const heard = Promise.all(clients.map(({ ear }) => ear.until(are(wanted), { signal, patience })))
    unheard(heard)
    return heard
  }
  await all(ids)
  const [more, swapped]: [number[], number[]] = [[], []]
  // A thousand take their time.
  for (let n = 0; n < (clients.length > 100 ? 1 : size(3, 1)); n++) {
    const next = Array.from({ length: dozen }, () => lab.instance())
    more.push(await took(Promise.all([all([...ids, ...next]), ...next.map((id) => direct.register(service, id))])))
    const blue = [...ids, ...next]
    const green = Array.from({ length: dozen }, () => lab.instance())
    swapped.push(
      await took(
        (async () => {
          const done = all(green)
          await Promise.all(green.map((id) => direct.register(service, id)))
          await Promise.all(blue.map((id) => direct.deregister(service, id)))
          await done
        })(),
      ),
    )
    ids = green
  }
  for (const each of clients) await each[Symbol.asyncDispose]()
  return [rowOf(about, 'a dozen more', 'ms', more), rowOf(about, 'all exchanged', 'ms', swapped)]
}

async function took(work: Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work
  return performance.now() - from
}
