// Who is an outlier among instances: a success rate, or a time, far from that of the others.
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'

/** What was seen of one instance in an interval. */
export interface Seen {
  /** Calls that it did, and calls that it failed at. */
  readonly fine: number
  readonly faults: number
  /** Milliseconds that those it did took, summed up. */
  readonly time: number
}

/** When is a success rate far from the others'? */
export interface DeviationOptions {
  /** Below the mean by more than so many standard deviations. Default 1.9. */
  readonly deviations?: number
  /** And by at least so much, 0 to 1: where all are alike, deviations are nothing. Default 0.05. */
  readonly distance?: number
  /** Only instances with at least so many calls in the interval count. Default 100. */
  readonly requests?: number
  /** And only when there are at least so many of them. Default 5. */
  readonly instances?: number
}

/** When is a time far from the others'? */
export interface LatencyOptions {
  /** Longer on average than the median of all by this factor. Above 1. Default 3. */
  readonly factor?: number
  /** And by at least so many milliseconds. Default 10. */
  readonly distance?: number
  /** Only instances with at least so many calls in the interval count. Default 100. */
  readonly requests?: number
  /** And only when there are at least so many of them. Default 5. */
  readonly instances?: number
}

/** The outliers among these, worst first, with what they are ejected for. */
export type Outliers = <S extends Seen>(
  all: readonly S[],
) => { readonly slow: readonly S[]; readonly failing: readonly S[] }

const deviationNames: OptionNames<DeviationOptions> = {
  deviations: true,
  distance: true,
  requests: true,
  instances: true,
}
const latencyNames: OptionNames<LatencyOptions> = { factor: true, distance: true, requests: true, instances: true }

/** @throws TypeError or RangeError on a bad option. */
export function outliers(
  where: string,
  successRate: DeviationOptions | false,
  latency: LatencyOptions | false,
): Outliers {
  const failing = successRate === false ? none : failingOnes(`${where}.successRate`, successRate)
  const slow = latency === false ? none : slowOnes(`${where}.latency`, latency)
  return (all) => ({ slow: slow(all), failing: failing(all) })
}

type Finder = <S extends Seen>(all: readonly S[]) => readonly S[]
const none: Finder = () => []

/** Those with enough calls to be judged, when they are enough to be compared. */
function judged(where: string, { requests = 100, instances = 5 }: DeviationOptions | LatencyOptions): Finder {
  numberOption(where, 'requests', requests, { min: 1, whole: true })
  numberOption(where, 'instances', instances, { min: 2, whole: true })
  return (all) => {
    const enough = all.filter((seen) => seen.fine + seen.faults >= requests)
    return enough.length >= instances ? enough : []
  }
}

function failingOnes(where: string, options: DeviationOptions): Finder {
  knownOptions(where, options, deviationNames)
  const { deviations = 1.9, distance = 0.05 } = options
  numberOption(where, 'deviations', deviations, { above: 0 })
  numberOption(where, 'distance', distance, { min: 0, max: 1 })
  const comparable = judged(where, options)
  const rate = ({ fine, faults }: Seen): number => fine / (fine + faults)
  return (all) => {
    const some = comparable(all)
    const mean = some.reduce((sum, seen) => sum + rate(seen), 0) / some.length
    const variance = some.reduce((sum, seen) => sum + (rate(seen) - mean) ** 2, 0) / some.length
    const least = mean - Math.max(deviations * Math.sqrt(variance), distance)
    return some.filter((seen) => rate(seen) < least).sort((a, b) => rate(a) - rate(b))
  }
}

function slowOnes(where: string, options: LatencyOptions): Finder {
  knownOptions(where, options, latencyNames)
  const { factor = 3, distance = 10 } = options
  numberOption(where, 'factor', factor, { above: 1 })
  numberOption(where, 'distance', distance, { min: 0, unit: 'milliseconds' })
  const comparable = judged(where, options)
  const mean = ({ fine, time }: Seen): number => time / fine
  return (all) => {
    const some = comparable(all).filter((seen) => seen.fine > 0)
    const times = some.map(mean).sort((a, b) => a - b)
    const median = times[(times.length - 1) >> 1] ?? 0
    const most = Math.max(factor * median, median + distance)
    return some.filter((seen) => mean(seen) > most).sort((a, b) => mean(b) - mean(a))
  }
}
