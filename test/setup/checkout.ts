// A fresh clone with a fresh home, to try set-up in as on a new machine: only the system's own Node and npm on PATH.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from '../../scripts/setup/tool.mjs'

export interface Run {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly ms: number }>
}

export interface Checkout {
  readonly folder: string
  /** Starts a command in the clone, in a process group of its own; `offline` takes the network away. */
  readonly run: (command: readonly string[], options?: { readonly offline?: boolean }) => Run
  readonly remove: () => void
}

/** Without a network namespace of its own, a process cannot be taken offline without harm to the others. */
export const canGoOffline: boolean = spawnSync('unshare', ['-n', 'true']).status === 0

export function checkout(name = 'clone', home?: string): Checkout {
  const base = mkdtempSync(join(tmpdir(), 'checkout-'))
  const folder = join(base, name)
  const ownHome = home ?? join(base, 'home')
  mkdirSync(ownHome, { recursive: true })
  execFileSync('git', ['clone', '--quiet', root, folder])
  const env = bareEnv(ownHome)

  const run: Checkout['run'] = (command, { offline = false } = {}) => {
    const [first = '', ...args] = offline ? ['unshare', '-n', ...command] : command
    const since = performance.now()
    let output = ''
    const child = spawn(first, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const ended = new Promise<Awaited<Run['ended']>>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, ms: performance.now() - since }))
    })
    return { child, output: () => output, ended }
  }
  return { folder, run, remove: () => rmSync(base, { recursive: true, force: true }) }
}

/** What a new login would have: no npm or vitest around us, and none of the tools that our own set-up put on PATH. */
function bareEnv(home: string): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.startsWith(root))
  const kept = Object.entries(process.env).filter(
    ([key]) => !/^(npm_|vite|node_|test$|mode$|dev$|prod$|tinypool|init_cwd|ci$)/i.test(key),
  )
  return { ...Object.fromEntries(kept), HOME: home, PATH: path.join(delimiter) }
}
