// D3, a process that is killed or hangs: how long until nobody is sent to it any more.
import { extname, join } from 'node:path'
import { isolated } from '../harness/isolated.ts'
import type { Row, SelfCheck } from '../harness/report.ts'
import { hasNot } from './ear.ts'
import type { Found, Lab } from './lab.ts'
import { type Staying, victimId } from './registry.ts'
import { rowOf, timesOf } from './rows.ts'
import { type Discoverer, watch } from './strategies.ts'
import type { Victims } from './victims.ts'

const file = join(import.meta.dirname, `victims${extname(import.meta.filename)}`)

/** Consul's agent takes its time with what it finds out by itself, in its first seconds. */
const settling = 3_500
/** Milliseconds over which instances register; then their heartbeats come to their longest waits. */
const over = 10_000
const later = 8_000

export async function crashes(lab: Lab): Promise<Found> {
  const { registry, size, quick, step } = lab
  const title = `a process ends without a word, ${registry.name}`
  step(title)
  // The slow ones are for thorough runs.
  const kinds = quick ? registry.staying.filter(({ name }) => name === 'ttl-1') : registry.staying
  await lab.sleep(size(settling, 0))
  const found = await Promise.all(
    (['killed', 'stopped'] as const).map((end) =>
      ended(
        lab,
        end,
        kinds.filter((kind) => kind.end === end),
      ),
    ),
  )
  const times = found.flat()
  const rows: Row[] = times.flatMap(({ kind, late }) => {
    const about = { case: title, subject: kind.subject }
    return [
      ...timesOf(about, late),
      rowOf(about, 'p50 that must come out', 'ms', [kind.expected.p50], { neutral: true }),
      rowOf(about, 'longest that must come out', 'ms', [kind.expected.longest], { neutral: true }),
    ]
  })
  const checks: SelfCheck[] = times.map(({ kind, late }) => ({
    name: `${title}: every one is missed: ${kind.subject}`,
    passed: late.length > 0,
  }))
  return { rows, targets: [], selfChecks: checks }
}

interface Times {
  readonly kind: Staying
  /** Milliseconds from its end until a watch told that it is gone. */
  readonly late: readonly number[]
}

async function ended(lab: Lab, end: Staying['end'], kinds: readonly Staying[]): Promise<readonly Times[]> {
  if (kinds.length === 0) return []
  const { registry, server, signal, random, size } = lab
  const service = lab.service()
  const count = size(12, 2)
  const [client] = await lab.open(1, watch, service)
  const { ear } = client as Discoverer
  const process = isolated<Victims, number>({ file }, signal)
  try {
    const names = kinds.map(({ name }) => name)
    const time = size(over, 50)
    const seed = Math.floor(random() * 1e9)
    const answer = await process.ask(
      { registry: registry.name, url: server.url, service, kinds: names, count, over: time, seed },
      time,
    )
    if ('wrong' in answer) throw new Error(answer.wrong)
    await ear.until(({ ids }) => ids?.length === answer.value, { signal })
    await lab.sleep(size(later + 5_000 * random(), 0))
    const from = performance.now()
    if (end === 'killed') await process.end()
    else stop(process.pid)
    return await Promise.all(
      kinds.map(async (kind) => ({
        kind,
        late: await Promise.all(
          Array.from({ length: count }, async (_, at) => {
            const gone = hasNot(victimId(registry.staying.indexOf(kind), at))
            return (await ear.until(gone, { signal, patience: 60_000 })) - from
          }),
        ),
      })),
    )
  } finally {
    await process.end()
  }
}

function stop(pid: number | undefined): void {
  if (pid !== undefined) globalThis.process.kill(pid, 'SIGSTOP')
}
