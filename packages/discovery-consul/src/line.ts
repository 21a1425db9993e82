// One HTTP connection to the agent, for requests one after the other: a watch sees when it is a new one, because then the
// agent may be a new one too, and what it counted before means nothing.
import type { Socket } from 'node:net'
import { type Answer, type Asked, agentOf, ask } from './ask.ts'
import type { Settings } from './options.ts'

/** One connection. Close it. */
export interface Line {
  /** Is the connection of the last request still there? */
  readonly open: boolean
  ask(asked: Asked): Promise<Answer>
  /** The next request goes over a new connection. One that runs fails. */
  close(): void
}

/** A line that connects with its first request. */
export function lineTo(settings: Settings): Line {
  let agent = agentOf(settings, 1)
  let socket: Socket | undefined
  /** The agent said that it would close it: that tells nothing of the agent. */
  let dismissed = false

  return {
    get open() {
      return dismissed || (socket !== undefined && !socket.destroyed)
    },
    async ask(asked) {
      const answer = await ask(settings, agent, asked, (given) => {
        socket = given
      })
      dismissed = answer.closes
      return answer
    },
    close() {
      agent.destroy()
      socket = undefined
      dismissed = false
      agent = agentOf(settings, 1)
    },
  }
}
