// A registry's server that can be ill-treated: the part that is the same whatever it is.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type Starting, startChild, Unable } from '@tenon/example-command'
import { missing, type Registry } from './missing.ts'

/** How it comes back. */
export interface Restart {
  /** Whether it has forgotten everything. Default: whether it must, having nothing on disk. */
  readonly empty?: boolean
}

/** A server that runs. Disposing kills it, and all it wrote is gone. */
export interface RegistryServer extends AsyncDisposable {
  /** Where it answers: `http://127.84.7.201:8500`. The same after every restart. */
  readonly url: string
  readonly host: string
  /** Ends it as a crash does, and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again, killed or not, and waits until it is ready. */
  restart(options?: Restart): Promise<void>
  /** It hangs once this answers: the system accepts for it, and it says nothing and closes nothing. */
  stop(): Promise<void>
  /** It goes on after a `stop`. */
  cont(): void
}

/** What is to be known of one kind of server. */
export interface Recipe {
  readonly registry: Registry
  readonly host: string
  readonly port: number
  /** Its arguments, given a folder of its own. */
  readonly args: (folder: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Does it answer? */
  readonly ready: (url: string) => Promise<boolean>
  readonly reason: NonNullable<Starting<unknown>['reason']>
  /** Whether it finds again what it knew. */
  readonly durable: boolean
  readonly patience?: number | undefined
}

/** Of the servers that run; `undefined` before the first. */
let folders: Set<string> | undefined

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Starts one. Rejects with an {@link Unable}, within `patience`, where it cannot be. */
export async function startServer(recipe: Recipe): Promise<RegistryServer> {
  const { registry, host, port, durable } = recipe
  const why = missing(registry)
  if (why !== undefined) throw new Unable(why)
  const url = `http://${host}:${port}`
  const folder = mkdtempSync(join(tmpdir(), `${registry}-`))
  if (folders === undefined) process.once('exit', () => folders?.forEach(remove))
  folders ??= new Set()
  folders.add(folder)
  const gone = (): void => {
    remove(folder)
    folders?.delete(folder)
  }
  const start = (): Promise<Child<true>> =>
    startChild({
      program: registry,
      args: recipe.args(folder),
      env: recipe.env ?? {},
      ready: async () => (await recipe.ready(url)) || undefined,
      reason: recipe.reason,
      // A server that is told politely to stop says goodbye to the others, and takes its time.
      ending: 'SIGKILL',
      ...(recipe.patience === undefined ? {} : { patience: recipe.patience }),
    })
  let child = await start().catch((cause: unknown) => {
    gone()
    throw cause
  })
  return {
    url,
    host,
    async kill() {
      await child[Symbol.asyncDispose]()
    },
    async restart({ empty = !durable } = {}) {
      if (!empty && !durable) throw new TypeError(`${registry} keeps nothing on disk: start it with "durable: true"`)
      await child[Symbol.asyncDispose]()
      if (empty) {
        remove(folder)
        mkdirSync(folder)
      }
      child = await start()
    },
    async stop() {
      child.signal('SIGSTOP')
      while (runsOn(child.pid)) await sleep(1)
    },
    cont: () => child.signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]()
      gone()
    },
  }
}

/** Whether any of its threads has not stopped yet: the signal takes its time to reach all of them. */
function runsOn(pid: number): boolean {
  try {
    const stats = readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8'))
    return stats.some((stat) => !/\) [TtZX] /.test(stat))
  } catch {
    // One has ended meanwhile, or all have.
    return existsSync(`/proc/${pid}/task`)
  }
}

/** What a GET answers as text, within a second. Rejects unless it is well. */
export async function get(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_000), headers: { connection: 'close' } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  return text
}
