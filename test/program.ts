// Programs of ours as their users run them: built, in a process of their own, told to stop by a signal.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A program that runs. */
export interface Program {
  readonly child: ChildProcess
  /** What it said so far. */
  readonly out: () => string
  readonly ended: Promise<Ended>
}

const root = new URL('../', import.meta.url)

/** Starts a program by its path from the workspace's root: `examples/orders/dist/main.js`. `env`: what differs from ours. */
export function program(
  path: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  options: Pick<SpawnOptions, 'detached'> = {},
): Program {
  const main = fileURLToPath(new URL(path, root))
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...options,
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (data) => {
    said.out += data
  })
  child.stderr.on('data', (data) => {
    said.err += data
  })
  return {
    child,
    out: () => said.out,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })),
  }
}

/** Runs a program to its end. */
export const ran = (path: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  program(path, args, env).ended

/** A server that listens. Disposing kills it where it has not ended. */
export interface Server extends Program, AsyncDisposable {
  readonly url: string
  /** Tells it to stop, and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

/** Starts a server that says where it listens, on a free port; rejects with what it said where it ends before that. */
export const server = (path: string, args: readonly string[] = []): Promise<Server> =>
  listening(program(path, ['--port', '0', ...args]), path)

/** Waits until a program says where it listens; rejects with what it said where it ends before that. */
export async function listening(running: Program, path: string): Promise<Server> {
  const { child, out, ended } = running
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /listens at (http:\S+)/.exec(out())?.[1]
      if (found !== undefined) resolve(found)
    })
    ended.then(({ out, err }) => reject(new Error(`${path} ended before it listened:\n${out}${err}`)), reject)
  })
  return {
    ...running,
    url,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
