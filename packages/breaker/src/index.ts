// Circuit breakers: a detector that opens, a recovery that closes again. Everything public is named here.

export type { CircuitOptions } from './blueprint.ts'
export { type Breaker, type BreakerOptions, breaker, type CircuitState } from './breaker.ts'
export { type Circuit, circuit, type Permit } from './circuit.ts'
export { type Classes, type Classify, classes, type Verdict } from './classify.ts'
export { type ConsecutiveOptions, consecutive } from './consecutive.ts'
export type { Detection, Detector } from './detector.ts'
export { type CircuitOpen, circuitOpen } from './failure.ts'
export { type Preset, type Presets, presets } from './presets.ts'
export { type ProbesOptions, probes } from './probes.ts'
export { type RatioOptions, ratio } from './ratio.ts'
export type { Recovery, Trial, TrialVerdict } from './recovery.ts'
