// Answers that their clients have not read yet. Each is held in memory until the kernel takes it; a hundred connections that
// ask for ten megabytes and read nothing are a gigabyte, and Node waits for them.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from './connection.ts'

interface Answer {
  readonly socket: Socket
  readonly bytes: number
  readonly forget: () => void
}

export class Waiting {
  readonly #limit: number
  /** In the order in which they were given: whoever reads is never the first for long. */
  readonly #answers = new Map<ServerResponse, Answer>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Holds an answer until it is read. Where all of them are more than may wait, the connections of those that have waited
   * longest are destroyed, this one's never: it has not been given time. How many were.
   */
  add(res: ServerResponse, socket: Socket, bytes: number): number {
    this.remove(res)
    const forget = (): void => this.remove(res)
    this.#answers.set(res, { socket, bytes, forget })
    this.#bytes += bytes
    // After `finish`, too.
    res.once('close', forget)
    let destroyed = 0
    for (const [oldest, { socket }] of this.#answers) {
      if (this.#bytes <= this.#limit || oldest === res) break
      this.remove(oldest)
      if (socket.destroyed) continue
      // What else was asked on it ends as well, before it has made an answer.
      connectionOf(socket).destroy()
      destroyed++
    }
    return destroyed
  }

  /** It is read, as far as it has come. */
  remove(res: ServerResponse): void {
    const answer = this.#answers.get(res)
    if (answer === undefined) return
    this.#bytes -= answer.bytes
    this.#answers.delete(res)
    res.off('close', answer.forget)
  }
}
