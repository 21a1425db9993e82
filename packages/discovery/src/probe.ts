// How an instance is asked whether it is well.
import type { Instance } from './instance.ts'

/**
 * Asks one instance how it is: `true` when it is well. `false`, a throw or a rejection say that it is not, and why.
 * `signal` aborts when the time is up or nobody wants to know any more: then whatever it holds must be let go of.
 */
export type Probe = (instance: Instance, options: { readonly signal: AbortSignal }) => boolean | Promise<boolean>
