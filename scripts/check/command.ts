// Runs the tools that some checks are made of.
import { spawn } from 'node:child_process'
import { root } from './workspace.ts'

export interface Ended {
  readonly code: number | null
  /** All it printed, to both streams. */
  readonly output: string
  readonly timedOut: boolean
}

export interface CommandOptions {
  /** Added to ours. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until it is killed. Default: never. */
  readonly limit?: number
}

/** Runs a tool in the workspace's root and answers how it ended. */
export function command(name: string, args: readonly string[], { env, limit }: CommandOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let [output, timedOut] = ['', false]
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const kill = (): void => {
      timedOut = true
      child.kill('SIGKILL')
    }
    const timer = limit === undefined ? undefined : setTimeout(kill, limit)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output, timedOut })
    })
  })
}

/** A tool as a check: what it prints is the problem if it fails. */
export async function passes(name: string, args: readonly string[], hint = ''): Promise<string[]> {
  const { code, output } = await command(name, args)
  return code === 0 ? [] : [`${output.trim()}\n${hint || `${name} ${args.join(' ')} failed (exit ${code})`}`]
}
