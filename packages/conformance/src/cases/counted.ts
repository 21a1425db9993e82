// A handler of which one wants to know how often it ran.
import type { ClientOf } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import type { Stage } from '../case.ts'
import type { Suite } from '../everything.ts'

/** A client of a server that counts the calls of `act`. */
export async function counted(
  stage: Stage,
): Promise<{ readonly client: ClientOf<typeof Suite>; readonly calls: () => number }> {
  let calls = 0
  const { client } = await stage.open({
    act: () => {
      calls++
      return ok({ n: 1 })
    },
  })
  return { client, calls: () => calls }
}
