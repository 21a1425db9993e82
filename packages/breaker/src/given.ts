// The permit that a circuit gives for a call.
import type { Permit } from './circuit.ts'

export class Given implements Permit {
  readonly generation: number
  readonly probe: boolean
  /** When the call began, where somebody needs to know. */
  readonly at: number
  constructor(generation: number, probe: boolean, at: number) {
    this.generation = generation
    this.probe = probe
    this.at = at
  }
}

/** The permit of every circuit that has not opened yet: calls are told apart only where their duration matters. */
export const first: Given = new Given(0, false, Number.NaN)
