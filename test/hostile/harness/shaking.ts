// Handshakes with a port that speaks TLS which do not end, do not begin, or are none.
import type { Target } from './attack.ts'
import { many, open, pass } from './wire.ts'

/** The port of the attacked process that speaks TLS. */
export const tlsPort = async ({ ask }: Target): Promise<number> => (await ask('tlsPort')) as number

/**
 * Sends the first, and a piece a second, on many connections, until they are closed without a word. How long they were
 * kept, in words, and how many there were.
 */
export async function shaken(target: Target, first: string, piece: string): Promise<{ gets: string; count: number }> {
  const port = await tlsPort(target)
  const { by } = target
  const count = by(10, 1_000)
  const kept = await many(count, count, async (i) => {
    await pass(i / 2)
    const to = await open(port)
    if (first !== '') await to.write(first)
    for (let n = 0; to.heard().end === 'open' && n < 60; n++) {
      await to.closed(by(100, 1_000))
      if (to.heard().end === 'open' && piece !== '') await to.write(piece)
    }
    to.destroy()
    const { statuses, end, ms } = to.heard()
    if (statuses.length > 0 || end === 'open') throw new Error(`must close without an answer; got ${statuses}, ${end}`)
    return ms
  })
  return { gets: `closed after ${(Math.max(...kept) / 1_000).toFixed(1)} s at most, × ${count}`, count }
}
