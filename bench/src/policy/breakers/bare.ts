// Nothing around the call: what everything is compared with.
import { call } from '@tenon/endpoint'
import type { Subject } from '../../harness/suite.ts'
import { failingNowAndThen, good, goodEndpoint, order, succeeding, tenth, tenthEndpoint } from './work.ts'

const caught = (): Promise<unknown> => tenth(order).catch((error: unknown) => error)
const rightOf = (outcome: unknown): unknown => (outcome as { readonly right?: number }).right

export const bareSuccess: Subject = succeeding(() => good(order))
export const bareTenth: Subject = failingNowAndThen(caught)
export const endpointSuccess: Subject = succeeding(() => call(goodEndpoint, order), rightOf)
export const endpointTenth: Subject = failingNowAndThen(() => call(tenthEndpoint, order))
