// Runs the tools that some checks are made of.
import { spawn } from 'node:child_process'
import { root } from './workspace.ts'

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs a tool in the workspace's root and answers how it ended, with all it printed. */
export function command(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const child = spawn(name, args, { cwd: root, stdio: [...stdio], env: { ...process.env, ...env } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** A tool as a check: what it prints is the problem if it fails. */
export async function passes(name: string, args: readonly string[], hint = ''): Promise<string[]> {
  const { code, output } = await command(name, args)
  return code === 0 ? [] : [`${output.trim()}\n${hint || `${name} ${args.join(' ')} failed (exit ${code})`}`]
}
