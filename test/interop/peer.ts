// A process of test/interop/go: a server and a client of Go kit on every wire, told what to call by lines of JSON.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Where the program was built to; empty or absent where it was not. */
const program = process.env.TENON_TEST_GO || undefined

/** Is there one? */
export const isThere: boolean = program !== undefined

/** What to say where it is not there. */
export const missing =
  'not tested: Go kit as client and server over HTTP, gRPC and NATS. That takes Go, of the version in test/interop/go/go.mod, on ' +
  'PATH or in /usr/local/go, and the network for its modules once; then "npm test -- test/interop" builds the peer'

if (!isThere) console.error(missing)

/** What the peer is to call. */
export interface Asked {
  readonly wire: 'http' | 'proto' | 'grpc' | 'nats' | 'services' | 'reflection'
  /** The server's url or address. */
  readonly target: string
  readonly method: string
  readonly input?: unknown
  readonly metadata?: Readonly<Record<string, string>>
  /** Before every subject of NATS, with its dot. */
  readonly prefix?: string
  /** Milliseconds of the deadline of its context. */
  readonly timeoutMs?: number
  /** Milliseconds after which its context is cancelled. */
  readonly cancelMs?: number
}

/** What came of it, as Go's client saw it. */
export interface Answer {
  readonly value?: unknown
  readonly failed?: {
    readonly error: string
    readonly code?: string | number
    readonly message?: string
    readonly details?: readonly unknown[]
  }
  readonly headers: Readonly<Record<string, readonly string[]>>
}

/** Something that its server saw. */
export type Event = Readonly<Record<string, unknown>> & { readonly event: string; readonly wire: string }

export interface Peer extends AsyncDisposable {
  /** `http://127.0.0.1:1234` */
  readonly http: string
  /** `127.0.0.1:1234` */
  readonly grpc: string
  call(asked: Asked): Promise<Answer>
  /** The next event of this name on this wire that was not handed out yet. */
  heard(event: string, wire: string): Promise<Event>
}

/** Milliseconds within which it must say what it is waited for. */
const patience = 10_000

/** Starts one. `nats`: where a NATS server listens. */
export async function startPeer(nats?: string): Promise<Peer> {
  const child = spawn(program as string, nats === undefined ? [] : ['-nats', nats], { stdio: 'pipe' })
  let said = ''
  child.stderr.on('data', (data) => {
    said += data
  })
  let calls = 0
  const lines = new Lines()
  createInterface({ input: child.stdout }).on('line', (line) => lines.add(JSON.parse(line)))
  const ended = once(child, 'close')
  ended.then(() => lines.fail(new Error(`the Go peer ended: ${said}`)))
  const { listening } = (await lines.next(({ listening }) => listening !== undefined, 'listens')) as {
    listening: { http: string; grpc: string }
  }
  return {
    ...listening,
    async call(asked) {
      const id = ++calls
      child.stdin.write(`${JSON.stringify({ input: {}, ...asked, id })}\n`)
      return (await lines.next((line) => line.id === id, `answers ${asked.method}`)) as unknown as Answer
    },
    heard: async (event, wire) =>
      (await lines.next((line) => line.event === event && line.wire === wire, `says "${event}"`)) as Event,
    [Symbol.asyncDispose]: () => stopped(child, ended),
  }
}

async function stopped(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end()
  child.kill('SIGKILL')
  await ended
}

type Line = Readonly<Record<string, unknown>>

/** What it said and nobody took, and who waits for more. */
class Lines {
  readonly #kept: Line[] = []
  readonly #waiting = new Set<{ readonly fits: (line: Line) => boolean; readonly take: (line: Line | Error) => void }>()
  #failed: Error | undefined

  add(line: Line): void {
    for (const waiting of this.#waiting)
      if (waiting.fits(line)) {
        waiting.take(line)
        return
      }
    this.#kept.push(line)
  }

  fail(why: Error): void {
    this.#failed = why
    for (const { take } of this.#waiting) take(why)
  }

  next(fits: (line: Line) => boolean, what: string): Promise<Line> {
    const at = this.#kept.findIndex(fits)
    if (at >= 0) return Promise.resolve(this.#kept.splice(at, 1)[0] as Line)
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => waiting.take(new Error(`${patience} ms have passed, and nothing ${what}`)),
        patience,
      )
      const waiting = {
        fits,
        take: (line: Line | Error): void => {
          clearTimeout(late)
          this.#waiting.delete(waiting)
          if (line instanceof Error) reject(line)
          else resolve(line)
        },
      }
      this.#waiting.add(waiting)
    })
  }
}
