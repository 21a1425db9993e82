// The public names of @tenon/conformance.
export type { Case, Setting, Stage } from './case.ts'
export { cases, conformance, conforms, type Verdict } from './conform.ts'
export type { Handlers } from './serving.ts'
export { through } from './through.ts'
export type { ClientOptions, Feature, Served, ServeOptions, Wire } from './wire.ts'
