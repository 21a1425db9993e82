// D8: how long until all of many clients hold the same, when a dozen instances come at once and when all are exchanged.
import type { Row } from '../harness/report.ts'
import { are, unheard } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { rowOf } from './rows.ts'
import { type Discoverer, poll, watch } from './strategies.ts'

const dozen = 12

export async function convergence(lab: Lab): Promise<Found> {
  const { registry, size } = lab
  const title = `until all clients hold the same, ${registry.name}`
  const rows: Row[] = []
  for (const count of size(1, 0) === 1 ? [1, 10, 100, 1_000] : [1, 10])
    rows.push(
      ...(await converged(lab, { case: title, subject: `watch, ${count.toLocaleString('en-US')} clients` }, (service) =>
        lab.open(count, watch, service),
      )),
    )
  const polls = poll(size(1_000, 200))
  rows.push(
    ...(await converged(lab, { case: title, subject: `${polls.subject}, 100 clients` }, (service) =>
      lab.open(size(100, 3), polls, service),
    )),
  )
  return { rows, targets: [], selfChecks: [] }
}

async function converged(
  lab: Lab,
  about: { readonly case: string; readonly subject: string },
  open: (service: string) => readonly Discoverer[],
): Promise<Row[]> {
  const { direct, signal, size, step } = lab
  step(`${about.case}: ${about.subject}`)
  const service = lab.service()
  let ids = Array.from({ length: dozen }, () => lab.instance())
  await Promise.all(ids.map((id) => direct.register(service, id)))
  const clients = open(service)
  const all = (wanted: readonly string[]): Promise<unknown> => {
    const heard = Promise.all(clients.map(({ ear }) => ear.until(are(wanted), { signal })))
    unheard(heard)
    return heard
  }
  await all(ids)
  const [more, swapped]: [number[], number[]] = [[], []]
  for (let n = 0; n < size(3, 1); n++) {
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
