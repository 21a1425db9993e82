// A child process for one subject, and the certainty that it ends: when it is told to, when it does not answer in
// time, or because the user had enough.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { pinned } from './cores.ts'

/** Milliseconds an answer may take beyond what was asked for: start, checks, and a machine with other things to do. */
const patience = 20_000

/** What came of a task. */
export type Answer<V> = { readonly value: V } | { readonly wrong: string }

/** What runs in the process, and where. */
export interface Program {
  readonly file: string
  readonly args?: readonly string[]
  /** Flags of Node's own. */
  readonly flags?: readonly string[]
  /** The core that the process and all its threads stay on, where the system can do that. */
  readonly core?: number
}

export interface Isolated<T, V> {
  readonly pid: number | undefined
  /**
   * Asks the process, for something that lasts so many milliseconds; one that is gone, or has no answer in time and is
   * killed for it, answers what is wrong.
   */
  ask(task: T, time?: number): Promise<Answer<V>>
  /** Ends the process and waits until it is gone. */
  end(): Promise<void>
}

/** Starts a process. The caller must end it. */
export function isolated<T extends object, V>(program: Program, signal: AbortSignal): Isolated<T, V> {
  const { file, args = [], flags = [], core } = program
  const { execPath, execArgv } = pinned(core, flags)
  const child = fork(file, [...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execPath, execArgv })
  let said = ''
  let gone: string | undefined
  let waiting: ((answer: Answer<V>) => void) | undefined
  const answered = (answer: Answer<V>): void => {
    waiting?.(answer)
    waiting = undefined
  }
  const kill = (): void => void child.kill('SIGKILL')
  const over = (wrong: string): void => {
    gone ??= wrong
    signal.removeEventListener('abort', kill)
    answered({ wrong: gone })
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 2_000) said += text
  })
  child.on('message', (message) => answered(message as Answer<V>))
  child.on('error', (cause) => over(cause.message))
  const closed = once(child, 'close').then(([code, by]) => over(lastWords(said, code, by)))
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  return {
    pid: child.pid,
    ask: (task, time = 0) =>
      new Promise((resolve) => {
        if (gone !== undefined) return resolve({ wrong: gone })
        const deadline = setTimeout(kill, patience + 3 * time)
        waiting = (answer) => {
          clearTimeout(deadline)
          resolve(answer)
        }
        // A process that dies meanwhile is told by its `close`.
        child.send(task, () => {})
      }),
    async end() {
      kill()
      await closed
    },
  }
}

const lastWords = (said: string, code: number | null, by: NodeJS.Signals | null): string =>
  said.match(/^\w*Error: .*$/m)?.[0] ?? `the process ended with ${by ?? code} and no answer`
