// Each fault as a test, on each registry that is here.
import { needs } from '@tenon/example-registries'
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../cases/faults.ts'
import { backends } from './backends.ts'
import { unexpected } from './fault.ts'
import { quick } from './scales.ts'

/** Milliseconds for one fault on a machine that is busy; what takes that long usually hangs. */
const timeout = 90_000

/** Those that are slow, or those that are not. They mostly wait, so several run at once. */
export function suite({ slow: wanted }: { readonly slow: boolean }): void {
  for (const backend of backends)
    describe.runIf(needs(backend.needs))(`given ${backend.name} and a service that is called all the time`, () => {
      const chosen = faultsOf(backend).filter(({ slow = false }) => slow === wanted)
      it.concurrent.for(chosen.map((fault) => [fault.name, fault] as const))(
        'when it is %s, then callers are served, and fresh soon after',
        { timeout },
        async ([, fault]) => {
          const tried = await fault.run(backend, quick)
          expect([...tried.wrong, ...unexpected(fault, tried)]).toEqual([])
          expect(tried.felt.asked).toBeGreaterThan(0)
          expect(tried.fresh.length).toBeGreaterThan(0)
        },
      )
    })
}
