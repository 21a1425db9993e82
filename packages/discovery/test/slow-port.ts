// A lock's port whose calls take their time, fail and lose their answers: as a registry on a bad network.
import type { Clock } from '@tenon/endpoint'
import type { LockPort } from '../src/lock-port.ts'
import type { RegistryCall } from '../src/registry-call.ts'

/** How one call goes: milliseconds on the way there and back, and what is lost of it. */
export interface Journey {
  readonly there: number
  readonly back: number
  readonly lost: 'nothing' | 'request' | 'answer'
}

const arrived: Journey = { there: 0, back: 0, lost: 'nothing' }

/** The same port at the other end of a network where each call goes as `next` says. */
export function slowPort(port: LockPort, clock: Clock, next: () => Journey | undefined): LockPort {
  const over =
    <T>(call: (told: RegistryCall) => Promise<T>) =>
    async (told: RegistryCall): Promise<T> => {
      const { there, back, lost } = next() ?? arrived
      if (there > 0) await clock.sleep(there, told.signal)
      if (lost === 'request') throw new Error('connection reset')
      // Who hangs up before it has arrived may be too late: it is done all the same.
      const answer = await call(told)
      if (back > 0) await clock.sleep(back, told.signal)
      if (told.signal.aborted) throw told.signal.reason
      if (lost === 'answer') throw new Error('connection reset')
      return answer
    }
  return {
    acquire: over(port.acquire),
    renew: over(port.renew),
    release: over(port.release),
    ...(port.watch === undefined ? {} : { watch: over(port.watch) }),
  }
}
