// Is the agent still there? A blocking query is silent for as long as it waits, and so is a network that swallows everything: while
// any query waits, the agent is asked something small now and then.
import type { Timer } from '@tenon/endpoint'
import { agentOf, ask } from './ask.ts'
import type { ConsulError } from './failure.ts'
import type { Settings } from './options.ts'

export interface Pulse {
  /** `silent` hears when the agent does not answer any more. Dispose when what waits has ended. */
  watch(silent: (error: ConsulError) => void): Disposable
}

/** Milliseconds that the agent has for an answer: much more than it needs, so that one that is busy is not given up. */
const patience = 2_000

const pulses = new WeakMap<Settings, Pulse>()

/** The pulse of an agent, one for all watches of a registry. It asks nothing, and holds nothing, while nobody watches. */
export function pulseOf(settings: Settings): Pulse {
  const pulse = pulses.get(settings) ?? begin(settings)
  pulses.set(settings, pulse)
  return pulse
}

function begin(settings: Settings): Pulse {
  const { clock, random, timeout } = settings
  const within = Math.min(patience, timeout)
  const waiting = new Set<(error: ConsulError) => void>()
  let timer: Timer | undefined
  let asking: AbortController | undefined

  function later(): void {
    const wait = settings.heartbeat * (0.9 + random() / 5)
    timer = clock.at(clock.now() + wait, () => void beat())
  }

  async function beat(): Promise<void> {
    timer = undefined
    const mine = new AbortController()
    asking = mine
    const error = await silence(mine.signal)
    if (mine.signal.aborted) return
    asking = undefined
    if (error !== undefined) for (const silent of [...waiting]) silent(error)
    if (waiting.size > 0) later()
  }

  /** Why there is no answer. Whatever is answered, somebody is there to do so. */
  async function silence(signal: AbortSignal): Promise<ConsulError | undefined> {
    for (;;) {
      const since = clock.now()
      const agent = agentOf(settings, 1)
      try {
        await ask(settings, agent, {
          what: 'asking whether the agent is there',
          path: '/status/leader',
          timeout: within,
          signal,
        })
        return undefined
      } catch (cause) {
        const error = cause as ConsulError
        if (error.trouble === 'unreachable') return error
        if (error.trouble !== 'timeout') return undefined
        // A deadline that passed while this process was busy says nothing of the agent.
        if (clock.now() - since <= within + 250) return error
      } finally {
        agent.destroy()
      }
    }
  }

  return {
    watch(silent) {
      // One of its own for each watch, whoever brings it.
      const told = (error: ConsulError): void => silent(error)
      waiting.add(told)
      if (waiting.size === 1 && timer === undefined && asking === undefined) later()
      return {
        [Symbol.dispose]: () => {
          if (!waiting.delete(told) || waiting.size > 0) return
          timer?.cancel()
          timer = undefined
          asking?.abort()
          asking = undefined
        },
      }
    },
  }
}
