// A program that a program starts: it ends with whoever started it, however that ends, and says why where it does not start.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unable } from './option.ts'

/** What to start, and how one knows that it has. */
export interface Starting<A> {
  readonly program: string
  readonly args: readonly string[]
  /** What differs from our environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * Asked every 10 ms with all that it has said: what is to be known of it, once it is ready. Failing is "not yet".
   */
  readonly ready: (said: string) => A | undefined | Promise<A | undefined>
  /** Why it ended, out of what it said. Default: its last line. */
  readonly reason?: (said: string) => string | undefined
  /** Milliseconds that it has to start. Default 15,000. */
  readonly patience?: number
  /** What ends it. Default: `SIGTERM`. */
  readonly ending?: 'SIGTERM' | 'SIGKILL'
}

/** A program that was started. Disposing ends it and waits until it is gone. */
export interface Child<A> extends AsyncDisposable {
  /** What `ready` answered. */
  readonly told: A
  readonly pid: number
  signal(name: NodeJS.Signals): void
  /** When it is gone. */
  readonly ended: Promise<void>
}

/** Is it on PATH? */
export const runs = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

let binds: boolean | undefined
/** `undefined` before the first. */
let running: Set<ChildProcess> | undefined

/** What is kept of what it says, in characters: the beginning goes first. */
const kept = 65_536

/** Starts a program and waits until it is ready. Rejects with an {@link Unable} that says why it is not, and leaves nothing behind. */
export async function startChild<A>(starting: Starting<A>): Promise<Child<A>> {
  const { program, args, env = {}, ready, patience = 15_000, ending = 'SIGTERM' } = starting
  const { reason = lastLine } = starting
  binds ??= runs('setpriv')
  // Where the system can do so it is told of our end even if that is a SIGKILL.
  const [file = '', ...rest] = [...(binds ? ['setpriv', '--pdeathsig', ending.slice(3)] : []), program, ...args]
  // Of a group of its own: Ctrl-C is for us, who may still need it.
  const child = spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  })
  let said = ''
  let over = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-kept)
    })
  const ended = new Promise<void>((resolve) => {
    const end = (cause?: unknown): void => {
      if (cause instanceof Error) said += cause.message
      over = true
      running?.delete(child)
      resolve()
    }
    child.once('close', () => end()).once('error', end)
  })
  if (running === undefined) process.once('exit', () => running?.forEach((each) => void each.kill('SIGKILL')))
  running ??= new Set()
  running.add(child)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!over) child.kill(signal)
    await ended
  }
  const late = performance.now() + patience
  for (;;) {
    const asked = (async () => ready(said))().catch(() => undefined)
    const told = await Promise.race([asked, ended, sleep(1_000, undefined, { ref: false })])
    if (over) throw new Unable(`${program} does not start: ${reason(said) ?? lastLine(said)}`)
    if (told !== undefined)
      return {
        told: told as A,
        pid: child.pid as number,
        signal: (name) => void child.kill(name),
        ended,
        [Symbol.asyncDispose]: () => end(ending),
      }
    if (performance.now() > late) {
      await end('SIGKILL')
      throw new Unable(`${program} was not ready within ${patience / 1_000} s: ${reason(said) ?? lastLine(said)}`)
    }
    await sleep(10)
  }
}

const lastLine = (said: string): string => said.trim().split('\n').at(-1) || 'it said nothing'
