// What is made with a registry ends with it: registrations are taken out and locks given back, when nobody else has done so.
import { type LeaderOptions, leaderOf } from './leader-of.ts'
import type { Leader, Lock } from './lock.ts'
import { lockOf } from './lock-of.ts'
import type { LockOptions } from './lock-world.ts'
import type { Registrar, RegistrarOptions } from './registrar.ts'
import { registrarOf } from './registrar-of.ts'

/** `registrarOf`, `lockOf` and `leaderOf` for one registry. Disposing ends what they made that is registered, wants or holds something. */
export interface RegistryParts extends AsyncDisposable {
  registrar(options: RegistrarOptions): Registrar
  lock(options: LockOptions): Lock
  leader(options: LeaderOptions): Leader
}

/** None at first. What was made and is not used holds nothing, and is not kept. */
export function registryParts(): RegistryParts {
  const live = new Set<AsyncDisposable>()
  const own = <T extends Lock | Leader>(part: T): T => {
    part.subscribe(({ status }) => void (status === 'idle' || status === 'closed' ? live.delete(part) : live.add(part)))
    return part
  }
  return {
    registrar(options) {
      const { register, deregister } = options
      const registrar = registrarOf({
        ...options,
        register(call) {
          live.add(registrar)
          return register(call)
        },
        async deregister(call) {
          await deregister(call)
          live.delete(registrar)
        },
      })
      return registrar
    },
    lock: (options) => own(lockOf(options)),
    leader: (options) => own(leaderOf(options)),
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(live, (part) => part[Symbol.asyncDispose]()))
    },
  }
}
