// A circuit by itself, for those who make the call and record what came of it.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { blueprint, type CircuitOptions } from './blueprint.ts'
import type { Circuit } from './circuit.ts'
import { Machine } from './machine.ts'

const named: OptionNames<CircuitOptions> = {
  detector: true,
  recovery: true,
  clock: true,
  random: true,
  onTransition: true,
}

/**
 * A circuit: `admit`, make the call, `record` what came of it. Most people want `breaker`, which does just that. O(1) a
 * call while closed or open, O(probes under way) while half-open; no timers.
 */
export function circuit(options: CircuitOptions = {}): Circuit {
  knownOptions('circuit', options, named)
  const { onTransition } = options
  return new Machine(
    blueprint(options, (_, from, to) => onTransition?.(from, to)),
    '',
  )
}
