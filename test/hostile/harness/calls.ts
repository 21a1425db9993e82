// Attacks by a single call of gRPC, each on a connection of its own, and what must come of it.
import type { ClientHttp2Session } from 'node:http2'
import type { Attack, Scale } from './attack.ts'
import { asked, framed, paths, session } from './grpc.ts'
import { many } from './wire.ts'

export interface Shot extends Omit<Attack, 'name' | 'run'> {
  /** Default: `hear`. */
  readonly path?: string
  readonly headers?: object
  /** How it must end: a status by name, `reset ENHANCE_YOUR_CALM`, `HTTP 415`. Several: any of them. */
  readonly end: string | readonly string[]
  /** What the operator must hear of each. */
  readonly tells?: string
  /** How often at full scale. Default: 500. */
  readonly full?: number
}

const median = (ms: readonly number[]): string => {
  const value = ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? 0
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}

/** Sends the same bytes in many calls, each on its own connection. */
export function shot(name: string, bytes: Uint8Array | ((scale: Scale) => Uint8Array), options: Shot): Attack {
  const { path = paths.hear, headers = {}, end, tells, full = 500, ...attack } = options
  return {
    name,
    ...attack,
    async run({ port, by, scale }) {
      const sent = typeof bytes === 'function' ? bytes(scale) : bytes
      const times = by(2, full)
      const ends = new Map<string, number>()
      const ms = await many(times, by(2, 20), async () => {
        const own = session(port)
        const answer = await asked(own, path, sent, headers)
        own.destroy()
        if (![end].flat().includes(answer.end))
          throw new Error(`must get ${[end].flat().join(' or ')}; got ${answer.end}`)
        ends.set(answer.end, (ends.get(answer.end) ?? 0) + 1)
        return answer.ms
      })
      const told: Record<string, number> = {}
      if (tells !== undefined) told[tells] = times
      if (path === paths.hear) told.heard = ends.get('OK') ?? 0
      return { gets: `${[...ends.keys()].map((each) => `\`${each}\``).join(' or ')}, ${median(ms)}`, told }
    },
  }
}

/** The same of one message, framed as it should be. */
export const message = (name: string, body: Uint8Array | ((scale: Scale) => Uint8Array), options: Shot): Attack =>
  shot(name, typeof body === 'function' ? (scale) => framed(body(scale)) : framed(body), options)

/** How calls ended, by the way in which they did. */
export function tally(ends: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const end of ends) counts[end] = (counts[end] ?? 0) + 1
  return counts
}

/** A tally in words. */
export const worded = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([end, times]) => `${times} × \`${end}\``)
    .join(', ')

/** Runs on a connection of its own, and closes it. */
export async function using<T>(
  port: number,
  run: (own: ClientHttp2Session) => Promise<T>,
  window?: number,
): Promise<T> {
  const own = session(port, window)
  try {
    return await run(own)
  } finally {
    own.destroy()
  }
}
