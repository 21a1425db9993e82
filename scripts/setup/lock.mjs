// One set-up at a time in a checkout. The lock is a listening socket: it dies with its holder, so it is never stale.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const linux = process.platform === 'linux'

/** An abstract socket on Linux, which leaves no file behind; a socket file elsewhere. @param {string} subject */
function address(subject) {
  const owner = `${subject}\0${process.getuid?.() ?? ''}`
  const name = `setup-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`
  return linux ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

/**
 * Waits until nobody else holds the lock on this subject, takes it, and answers what lets it go.
 *
 * @param {string} subject
 * @param {() => void} onWait called once, if somebody else holds it
 */
export async function lock(subject, onWait) {
  const path = address(subject)
  for (let waited = false; ; waited = true) {
    const { error, release } = await listen(path)
    if (error !== 'EADDRINUSE') return release // a system that cannot lock here goes on without
    if (!waited) onWait()
    const refused = (await holderGone(path)) === 'ECONNREFUSED'
    if (refused && !linux) rmSync(path, { force: true }) // the file outlived its holder
    await sleep(50)
  }
}

/**
 * @param {string} path
 * @returns {Promise<{ error: string | null, release: () => void }>}
 */
function listen(path) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set()
  const server = createServer((socket) => waiting.add(socket.on('error', () => {})))
  server.unref()
  const release = () => {
    server.close()
    for (const socket of waiting) socket.destroy()
  }
  return new Promise((resolve) => {
    server.once(
      'error',
      /** @param {NodeJS.ErrnoException} e */ (e) => resolve({ error: e.code ?? e.message, release: () => {} }),
    )
    server.listen(path, () => resolve({ error: null, release }))
  })
}

/** The holder never writes: the connection ends when it lets go or dies. @param {string} path */
function holderGone(path) {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('error', /** @param {NodeJS.ErrnoException} e */ (e) => resolve(e.code))
    socket.on('close', () => resolve(null))
    socket.resume()
  })
}
