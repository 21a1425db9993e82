// Attacks by a single request over NATS, again and again, and what must come of it.
import type { Attack, Scale } from './attack.ts'
import { base, type More, type Stranger, saidBy, stranger } from './nats.ts'
import { many } from './wire.ts'

export interface Ask extends Omit<Attack, 'name' | 'run'> {
  /** Default: `hear`. */
  readonly method?: string
  readonly headers?: More['headers']
  /** `answered`, a tag or a code; `no answer` where none must come. Several: any of them. */
  readonly says: string | readonly string[]
  /** What the operator must hear of each. */
  readonly tells?: string
  /** How often at full scale. Default: 500. */
  readonly full?: number
  /** Milliseconds after which no answer is none. Default: 15,000. */
  readonly patience?: number
}

/** Asks the same again and again. */
export function ask(
  name: string,
  body: string | Uint8Array | ((scale: Scale) => string | Uint8Array),
  options: Ask,
): Attack {
  const { method = 'hear', headers, says, tells, full = 500, patience = 15_000, ...attack } = options
  const wanted = [says].flat()
  return {
    name,
    ...attack,
    run: ({ port, by, scale }) =>
      as(port, async (who) => {
        const sent = typeof body === 'function' ? body(scale) : body
        const times = by(2, full)
        const found = new Map<string, number>()
        const ms = await many(times, by(2, 20), async () => {
          const start = performance.now()
          const said = saidBy(
            await who.ask(`${base}.${method}`, sent, headers === undefined ? {} : { headers }, patience),
          )
          if (!wanted.includes(said))
            throw new Error(`must get ${wanted.join(' or ')}; got ${said} ${who.errors.join()}`)
          found.set(said, (found.get(said) ?? 0) + 1)
          return performance.now() - start
        })
        const median = ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? 0
        const told: Record<string, number> = {}
        if (tells !== undefined) told[tells] = times
        if (method === 'hear') told.heard = found.get('answered') ?? 0
        return { gets: `${[...found.keys()].map((each) => `\`${each}\``).join(' or ')}, ${median.toFixed(1)} ms`, told }
      }),
  }
}

/** Runs as a stranger, and leaves. */
export async function as<T>(port: number, run: (who: Stranger) => Promise<T>): Promise<T> {
  const who = await stranger(port)
  try {
    return await run(who)
  } finally {
    who.close()
  }
}
