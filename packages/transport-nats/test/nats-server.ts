// A real nats-server with JetStream, on a free port of this machine, which ends with whoever started it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What to say where it is not there. */
export const missing = 'nats-server is not on PATH (Debian: the package nats-server)'

/** A server that runs. */
export interface NatsServer extends AsyncDisposable {
  /** `127.0.0.1:4222` */
  readonly url: string
  /** `SIGSTOP` stalls it, `SIGKILL` is a crash. */
  signal(name: NodeJS.Signals): void
  /** Starts it again on the same port, once it has been killed. */
  restart(): Promise<void>
}

export const isThere = (): boolean => spawnSync('nats-server', ['--version']).error === undefined

/** Starts one; `undefined` where there is none. */
export async function startNats(args: readonly string[] = []): Promise<NatsServer | undefined> {
  if (!isThere()) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'nats-'))
  let child = start(folder, -1, args)
  const url = await portOf(folder, child)
  const port = Number(url.split(':').at(-1))
  const stopped = (): Promise<void> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child.once('exit', () => resolve()))
  return {
    url,
    signal: (name) => void child.kill(name),
    async restart() {
      await stopped()
      rmSync(portsFile(folder, child), { force: true })
      child = start(folder, port, args)
      await portOf(folder, child)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await stopped()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function start(folder: string, port: number, args: readonly string[]): ChildProcess {
  const own = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', join(folder, 'js'), '--ports_file_dir', folder]
  const command = ['nats-server', ...own, ...args]
  // Node that is killed takes its servers with it, where the system can do that.
  const bound = spawnSync('setpriv', ['--version']).error === undefined
  const [program, ...rest] = bound ? ['setpriv', '--pdeathsig', 'KILL', ...command] : command
  return spawn(program as string, rest, { stdio: 'ignore' })
}

const portsFile = (folder: string, child: ChildProcess): string => join(folder, `nats-server_${child.pid}.ports`)

async function portOf(folder: string, child: ChildProcess): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`)
    try {
      const { nats } = JSON.parse(readFileSync(portsFile(folder, child), 'utf8')) as { nats: string[] }
      return (nats[0] as string).replace('nats://', '')
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  throw new Error('nats-server did not start within 5 seconds')
}
