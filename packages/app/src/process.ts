// What the process is told from outside: signals, and errors that nobody caught.
import { constants } from 'node:os'
import { inspect } from 'node:util'
import type { App } from './app.ts'

/**
 * Milliseconds in which a repeated signal is the same one: a terminal sends Ctrl-C to all its processes, and a parent
 * such as npm passes it on once more.
 */
const echo = 250

/** Tells the app to stop at the first signal, ends the process at the second. Dispose it to leave the process alone. */
export function watchProcess(
  app: App,
  signals: readonly NodeJS.Signals[],
  uncaught: boolean,
  exit: (code: number) => void,
): Disposable {
  for (const signal of signals)
    if (constants.signals[signal] === undefined || signal === 'SIGKILL' || signal === 'SIGSTOP')
      throw new TypeError(`run: "signals" must be names of signals that can be handled, but one was ${String(signal)}`)
  let first: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = app.clock.now()
    first ??= now
    app.stop({ kind: 'signal', signal })
    if (now - first < echo) return
    app.say('forced')
    warn(app, `${signal} again: ends at once`)
    exit(128 + constants.signals[signal])
  }
  const onUncaught = (error: unknown, origin: string): void => {
    warn(app, `${origin}, drains: ${inspect(error)}`)
    app.stop({ kind: 'uncaught', error })
  }
  // Listeners for signals do not keep a process alive; an app runs until it is told to stop.
  const alive = signals.length > 0 ? setInterval(() => {}, 0x7fff_ffff) : undefined
  for (const signal of signals) process.on(signal, onSignal)
  if (uncaught) process.on('uncaughtException', onUncaught)
  return {
    [Symbol.dispose]() {
      clearInterval(alive)
      for (const signal of signals) process.off(signal, onSignal)
      process.off('uncaughtException', onUncaught)
    },
  }
}

const warn = (app: App, text: string): void => void process.stderr.write(`${app.name}: ${text}\n`)
