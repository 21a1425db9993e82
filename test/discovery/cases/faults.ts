// All that is tried, in the order of the page.
import type { Backend } from '../harness/backend.ts'
import type { Fault } from '../harness/fault.ts'
import { changes } from './changes.ts'
import { crowds } from './crowds.ts'
import { emptied } from './emptied.ts'
import { leaving } from './leaving.ts'
import { ofConsul, ofEtcd } from './of-one.ts'
import { outages } from './outages.ts'

export const faults: readonly Fault[] = [
  ...outages,
  ...emptied,
  ...ofConsul,
  ...ofEtcd,
  ...changes,
  ...crowds,
  ...leaving,
]

/** Those that can happen to a registry. */
export const faultsOf = ({ name }: Backend): readonly Fault[] =>
  faults.filter(({ on }) => on === undefined || on.includes(name))
