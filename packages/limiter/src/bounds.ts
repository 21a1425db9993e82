// Where adaptive limits start, and where they end.
import { numberOption } from '@tenon/policy'

/** Bounds of an adaptive limit. */
export interface BoundOptions {
  /** Calls under way that it starts with: `min`..`max`. Default 20, or what bound is nearest. */
  readonly initial?: number
  /** It never goes below: a whole number, 1 or more. Default 1. */
  readonly min?: number
  /** It never goes above: a whole number, up to 1,000,000. Default 1,000. */
  readonly max?: number
}

/** A limit between its bounds. */
export interface Bounds {
  readonly initial: number
  readonly min: number
  readonly max: number
}

export function boundsOf(where: string, options: BoundOptions): Bounds {
  const { min = 1, max = 1_000 } = options
  numberOption(where, 'min', min, { min: 1, max: 1_000_000, whole: true, unit: 'calls' })
  numberOption(where, 'max', max, { min, max: 1_000_000, whole: true, unit: 'calls' })
  const { initial = within({ min, max }, 20) } = options
  numberOption(where, 'initial', initial, { min, max, unit: 'calls' })
  return { initial, min, max }
}

/** The nearest value within the bounds. */
export const within = ({ min, max }: { readonly min: number; readonly max: number }, value: number): number =>
  Math.min(max, Math.max(min, value))
