// A nats-server of our own: with JetStream, on a free port of this machine, its store in a temporary folder. It ends with
// this process, however that ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A nats-server that runs. Disposing ends it, and its store is gone. */
export interface NatsServer extends AsyncDisposable {
  /** `127.0.0.1:4222` */
  readonly address: string
  /** Ends it as a crash does: the store stays. */
  kill(): Promise<void>
  /** Starts it again after that, where it was. Harmless where it runs. */
  start(): Promise<void>
}

// The shell waits for a line, and for the end of what it reads: that comes when we end, also when nobody asked us before.
const keeper = `
folder=$1; shift
nats-server "$@" 2>"$folder/log" &
read -r crash || over=1
kill -KILL $! 2>/dev/null; wait
[ -z "$over" ] || rm -rf "$folder"
`

/** Starts one; `undefined` where there is none on PATH. Rejects where it does not start, with what it said. */
export async function natsServer(): Promise<NatsServer | undefined> {
  if (spawnSync('nats-server', ['--version']).error !== undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'shop-nats-'))
  // Its own process group: a Ctrl-C is for us, and it is needed until all else is drained.
  const launch = (port: number): ChildProcess => {
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', join(folder, 'js'), '--ports_file_dir', folder]
    const shell = spawn('sh', ['-c', keeper, 'sh', folder, ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    // Where there is no shell, or it is gone, that shows in what follows.
    shell.on('error', () => {})
    shell.stdin?.on('error', () => {})
    return shell
  }
  const running = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null
  const ended = async (last: string): Promise<void> => {
    if (!running()) return
    child.stdin?.end(last)
    await once(child, 'exit')
  }
  const gone = async (): Promise<void> => {
    await ended('')
    rmSync(folder, { recursive: true, force: true })
  }
  let child = launch(-1)
  const address = await listening(folder).catch(async (cause: unknown) => {
    await gone()
    throw cause
  })
  return {
    address,
    kill: () => ended('crash\n'),
    async start() {
      if (running()) return
      for (const file of portsFiles(folder)) rmSync(file, { force: true })
      child = launch(Number(address.split(':').at(-1)))
      await listening(folder)
    },
    [Symbol.asyncDispose]: gone,
  }
}

const portsFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ports'))
    .map((name) => join(folder, name))

/** Where it listens: it writes that into a file once it does. */
async function listening(folder: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    for (const file of portsFiles(folder)) {
      const [, address] = /nats:\/\/([\w.:]+)/.exec(readFileSync(file, 'utf8')) ?? []
      if (address !== undefined) return address
    }
    await sleep(10)
  }
  const log = join(folder, 'log')
  const why = existsSync(log) ? readFileSync(log, 'utf8').trim() : 'no shell to start it'
  throw new Error(`nats-server did not start within 5 s: ${why}`)
}
