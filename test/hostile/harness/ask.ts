// Questions to a child process and its answers: the child's side, and the parent's.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a child can be asked, by name. */
export type Answers = Readonly<Record<string, (given: never) => unknown>>

interface Question {
  readonly id: number
  readonly name: string
  readonly given: unknown
}

interface Reply {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** Answers the parent until it goes. */
export function answer(answers: Answers): void {
  process.on('message', async ({ id, name, given }: Question) => {
    try {
      process.send?.({ id, answer: await answers[name]?.(given as never) } satisfies Reply)
    } catch (cause) {
      process.send?.({ id, error: String((cause as Error)?.stack ?? cause) } satisfies Reply)
    }
  })
  process.on('disconnect', () => process.exit())
}

/** A child that runs. */
export interface Child<A extends Answers> extends AsyncDisposable {
  readonly process: ChildProcess
  /** Rejects with what the child threw, or says how it ended. */
  ask<N extends keyof A & string>(name: N, ...given: Parameters<A[N]>): Promise<Awaited<ReturnType<A[N]>>>
  /** The same, of a child of which only the names are known. */
  askAny(name: string, given?: unknown): Promise<unknown>
}

/** Milliseconds that a child may take to answer. */
const patience = 60_000

/** Starts a program of this folder, with the garbage collector in reach; `files`: how many files it may open. */
export function child<A extends Answers>(file: string, args: readonly string[] = [], files?: number): Child<A> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const node = [process.execPath, '--expose-gc', '--disable-warning=ExperimentalWarning', path, ...args]
  const [command, ...rest] = files === undefined ? node : ['sh', '-c', `ulimit -n ${files} && exec "$0" "$@"`, ...node]
  const started = spawn(command as string, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (cause: Error) => void }>()
  let last = 0
  let ended: string | undefined
  started.on('message', ({ id, answer, error }: Reply) => {
    const open = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) open?.resolve(answer as never)
    else open?.reject(new Error(error))
  })
  started.once('exit', (code, signal) => {
    ended = `${file} ended with ${signal ?? code}`
    for (const { reject } of waiting.values()) reject(new Error(ended))
  })
  const ask = (name: string, given?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) throw new Error(ended)
      const id = ++last
      const late = setTimeout(() => {
        waiting.delete(id)
        reject(new Error(`${file} did not answer "${name}" within ${patience} ms`))
      }, patience)
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(late)
          settle(value)
        }
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) })
      started.send({ id, name, given } satisfies Question)
    })
  return {
    process: started,
    ask: (name, ...[given]) => ask(name, given) as never,
    askAny: ask,
    async [Symbol.asyncDispose]() {
      if (started.exitCode !== null || started.signalCode !== null) return
      started.kill('SIGKILL')
      await once(started, 'exit')
    },
  }
}
