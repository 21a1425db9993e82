// Starts a child process for one subject and one round, and sees that it ends: with an answer, by its deadline, or
// because the user had enough.
import { type ChildProcess, fork } from 'node:child_process'
import { extname, join } from 'node:path'
import type { Answer, Task } from './task.ts'

const file = join(import.meta.dirname, `child${extname(import.meta.filename)}`)

/** Milliseconds a child may take beyond its warm-up and timing: start, checks, and a machine with other things to do. */
const patience = 20_000

export function isolated(task: Task, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let said = ''
    let answer: Answer | undefined
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 2_000) said += text
    })
    const kill = (): void => void child.kill('SIGKILL')
    const deadline = setTimeout(kill, patience + 3 * (task.warmUp + task.time))
    const over = (wrong: string): void => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', kill)
      resolve(answer ?? { wrong })
    }
    signal.addEventListener('abort', kill)
    if (signal.aborted) kill()
    child.once('message', (message) => {
      answer = message as Answer
    })
    child.once('error', (cause) => over(cause.message))
    child.once('close', (code, by) => over(lastWords(said, code, by)))
    send(child, task)
  })
}

function send(child: ChildProcess, task: Task): void {
  // A child that died at once is told by its `close`.
  child.send(task, () => {})
}

const lastWords = (said: string, code: number | null, by: NodeJS.Signals | null): string =>
  said.match(/^\w*Error: .*$/m)?.[0] ?? `the process ended with ${by ?? code} and no answer`
