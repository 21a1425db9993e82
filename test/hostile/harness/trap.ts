// Attacks on a client: a server that answers what no client should have to read, and how the call must end.
import { createServer, type Socket } from 'node:net'
import type { Called, Calling } from '../victims/client.ts'
import type { Attack, Target } from './attack.ts'
import { pass } from './wire.ts'

export interface Trap extends Omit<Attack, 'run'> {
  /** Answers a request, or does not. */
  answer(socket: Socket): void
  /** How each call must end: `Remote internal InvalidOutput`. */
  readonly end: string
  readonly method?: Calling['method']
  /** Does the call last until its time is up? */
  readonly lasts?: boolean
  /** May its connection be used again? Default: where the call was answered. */
  readonly reusable?: boolean
  /** Calls at full scale. Default: 200, where they last 20. */
  readonly full?: number
}

/** Lets a client fall into it. */
export const trap = ({ answer, end, method = 'place', lasts = false, reusable, full, ...attack }: Trap): Attack => ({
  ...attack,
  async run({ ask, by }: Target) {
    await using server = await hostile(answer)
    // Those that are few at full scale are dear.
    const times = by(full === undefined ? 4 : 1, full ?? (lasts ? 20 : 200))
    const timeout = lasts ? by(400, 2_000) : 20_000
    const { port } = server
    const calling: Calling = { port, times, atOnce: by(4, lasts ? times : 5), timeout, method }
    const { ends, longest } = (await ask('call', calling)) as Called
    for (let i = 0; i < 200 && server.open() > 0; i++) await pass(10)
    if (server.open() > 0) throw new Error(`is left with ${server.open()} connections`)
    const others = [...new Set(ends)].filter((found) => found !== end)
    if (others.length > 0) throw new Error(`must make it end in ${end}; it ended in ${others.join(', ')}`)
    if (!(reusable ?? end === 'answered') && server.connections() < times)
      throw new Error(`had ${server.connections()} connections for ${times} calls: one was used again`)
    if (lasts && longest > timeout + 5_000)
      throw new Error(`held a call of ${timeout} ms for ${Math.round(longest)} ms`)
    const took = longest < 10 ? longest.toFixed(1) : Math.round(longest)
    const over = Math.max(0, Math.round(longest - timeout))
    return `\`${end}\`, ${lasts ? `${over} ms after its deadline at most` : `${took} ms at most`}`
  },
})

interface Hostile extends AsyncDisposable {
  readonly port: number
  /** How many connections there are, and have been. */
  open(): number
  connections(): number
}

async function hostile(answer: (socket: Socket) => void): Promise<Hostile> {
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, (socket) => {
    connections++
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      // A request of ours comes in one piece, which begins with its verb.
      if (/^(GET|POST) /.test(chunk.subarray(0, 5).toString('latin1'))) answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    open: () => open.size,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
