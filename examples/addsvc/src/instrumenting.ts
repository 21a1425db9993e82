// Instrumenting: what @tenon/metrics counts of every call, and Go kit's two metrics of the work itself.
import { mapMethod, tap } from '@tenon/endpoint'
import type { Metrics } from '@tenon/metrics'
import { Counter } from 'prom-client'
import type { AddEndpoints } from './contract.ts'

/** Counts what was summed and concatenated. What it fails with is counted around it, by code: `measured.red`. */
export function counted(endpoints: AddEndpoints, { registry }: Metrics): AddEndpoints {
  const integers = new Counter({
    name: 'example_addsvc_integers_summed',
    help: 'How many numbers were summed.',
    registers: [registry],
  })
  const characters = new Counter({
    name: 'example_addsvc_characters_concatenated',
    help: 'How many bytes came of concatenating.',
    registers: [registry],
  })
  // Go kit adds the sum itself to its counter, which panics at the first that is below zero.
  const summed = mapMethod(
    endpoints,
    'sum',
    tap(() => integers.inc(2)),
  )
  return mapMethod(
    summed,
    'concat',
    tap(({ v }) => characters.inc(Buffer.byteLength(v))),
  )
}
