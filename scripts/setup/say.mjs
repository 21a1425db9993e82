// What set-up tells people, and the one kind of error it ends with.

/** An error whose message is meant for the person at the keyboard: it is printed without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {NodeJS.Signals | null} [signal] what stopped the step, if a signal did
   */
  constructor(message, signal = null) {
    super(message)
    this.signal = signal
  }
}

/** @param {string} text */
export const say = (text) => {
  process.stderr.write(`[setup] ${text}\n`)
}

/** @param {number} since a `performance.now()` reading */
export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`
