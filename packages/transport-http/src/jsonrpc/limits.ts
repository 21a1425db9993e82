// How much a JSON-RPC server takes, beside what holds for every HTTP request.
import { type CheckedLimits, limitOptions, type WholeRule } from '@tenon/endpoint'
import { perRequest, type RequestLimits } from '../limits.ts'

/** What one HTTP request of a JSON-RPC client may cost. */
export interface RpcLimits extends RequestLimits {
  /** Calls of a batch. Default: 100. More is answered with one error, -32600. */
  readonly batch?: number
  /**
   * Calls of one batch at once. Default: 10. Each but the first needs a free place among `concurrent`; where there is
   * none, the batch goes on with fewer.
   */
  readonly parallel?: number
  /** Levels of arrays and objects in `params`. Default: 64. More is answered with -32602. */
  readonly depth?: number
  /**
   * Bytes of an answer. Default: 10,485,760 (10 MiB), which is what clients of this package take. A call whose response
   * is more than what is left of them is answered with -32603 and the tag `AnswerTooLarge`.
   */
  readonly answer?: number
}

const rules: Readonly<Record<keyof RpcLimits, WholeRule>> = {
  ...perRequest,
  batch: { value: 100, unit: 'calls', min: 1 },
  parallel: { value: 10, unit: 'calls', min: 1 },
  depth: { value: 64, unit: 'levels', min: 1 },
  answer: { value: 10_485_760, unit: 'bytes', min: 256 },
}

export const rpcLimits = (who: string, given: RpcLimits = {}): CheckedLimits<RpcLimits> =>
  limitOptions<RpcLimits>(who, rules, given)
