// Instances that never change: a list in a configuration, or the servers of a test.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { type Instance, type InstanceFields, instance } from './instance.ts'
import { type Instancer, instancerOf } from './instancer.ts'

/** Options of {@link fixed}. */
export interface FixedOptions {
  /** The service's name in telemetry and failures. Default `'fixed'`. */
  readonly service?: string
}

const named: OptionNames<FixedOptions> = { service: true }

/**
 * An instancer of these instances, known at once: `fixed(['http://10.0.0.7:8080', '10.0.0.8:8080'])`.
 *
 * @throws TypeError when one of them is no instance.
 */
export function fixed(instances: Iterable<string | InstanceFields>, options: FixedOptions = {}): Instancer {
  knownOptions('fixed', options, named)
  const { service = 'fixed' } = options
  const set: readonly Instance[] = Array.from(instances, instance)
  return instancerOf({ service, start: (sink) => sink.set(set) })
}
