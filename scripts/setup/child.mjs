// Child processes: a clean environment, signals passed on, failures that say what ran.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter } from 'node:path'
import { SetupError } from './say.mjs'

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ readonly code: number | null, readonly signal: NodeJS.Signals | null }} Ending */

const outerNpm =
  /^(npm_(lifecycle|package|command|execpath|node_execpath)|npm_config_(local_prefix|user_agent|npm_version)$|INIT_CWD$)/i

/**
 * Our environment without what an outer npm says about itself (it would steer the npm and pnpm we start), and with
 * more folders in front of PATH.
 *
 * @param {readonly string[]} folders
 * @param {NodeJS.ProcessEnv} [from]
 */
export function cleanEnv(folders, from = process.env) {
  const kept = Object.entries(from).filter(([name]) => !outerNpm.test(name))
  return { ...Object.fromEntries(kept), PATH: [...folders, from.PATH].filter(Boolean).join(delimiter) }
}

/** @type {Set<ChildProcess>} */
const running = new Set()

/**
 * Starts a command and answers how it ended.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {(child: ChildProcess) => void} [watch]
 * @returns {Promise<Ending>}
 */
export function start(command, args, options, watch) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options)
    running.add(child)
    watch?.(child)
    child.on('error', (error) => {
      running.delete(child)
      reject(new SetupError(`cannot start ${command}: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
}

/**
 * Runs a step of set-up in silence; its output is shown only if it fails.
 *
 * @param {string} what said when it fails
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export async function run(what, command, args, options = {}) {
  let output = ''
  const { code, signal } = await start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }, (child) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text))
  })
  if (code !== 0) throw new SetupError(`${what} failed (${signal ?? `exit ${code}`})\n${output}`.trimEnd(), signal)
}

/** Ends this process the way a child ended, so that whoever called us sees the same. @param {Ending} ending */
export function endLike({ code, signal }) {
  if (!signal) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // Only reached when the signal did not end us, as for some that are sent to process 1 of a container.
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100)
}

/**
 * Passes signals on to the children. A Ctrl-C reaches them by itself, because they share our terminal: sending it once
 * more would stop an application that is draining.
 */
export function passSignalsOn() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (running.size === 0) endLike({ code: null, signal })
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      for (const child of running) child.kill(signal)
    })
  }
}
