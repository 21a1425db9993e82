// A child process for one subject, and the certainty that it ends: when it is told to, when it does not answer in
// time, or because the user had enough.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import type { Answer, Task } from './task.ts'

const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`)

/** Milliseconds an answer may take beyond what was asked for: start, checks, and a machine with other things to do. */
const patience = 20_000

export interface Isolated {
  /** Asks the process; one that is gone, or has no answer in time and is killed for it, answers what is wrong. */
  ask(task: Task): Promise<Answer>
  /** Ends the process and waits until it is gone. */
  end(): Promise<void>
}

/** Starts a process. The caller must end it. */
export function isolated(signal: AbortSignal): Isolated {
  const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  let gone: string | undefined
  let waiting: ((answer: Answer) => void) | undefined
  const answered = (answer: Answer): void => {
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
  child.on('message', (message) => answered(message as Answer))
  child.on('error', (cause) => over(cause.message))
  const closed = once(child, 'close').then(([code, by]) => over(lastWords(said, code, by)))
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  return {
    ask: (task) =>
      new Promise((resolve) => {
        if (gone !== undefined) return resolve({ wrong: gone })
        const asked = task.ask === 'prepare' ? task.warmUp : task.ask === 'turn' ? task.time : 0
        const deadline = setTimeout(kill, patience + 3 * asked)
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
