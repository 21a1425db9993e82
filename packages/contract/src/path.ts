// Where in a value something stands, as people write it: `items[0].sku`.
import { redacted } from './annotate.ts'

/** A key of an object, or an index of an array. */
export type Step = string | number

const plain = /^[A-Za-z_$][\w$]*$/
const longest = 64
const longestPath = 300

/** `items[0].sku`, `labels["odd key"]`, `pins[redacted]`. Keys are somebody's input: what is long is cut. */
export function pathOf(steps: readonly Step[]): string {
  let path = ''
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else if (step === redacted) path += redacted
    else if (plain.test(step) && step.length <= longest) path += path === '' ? step : `.${step}`
    else path += `[${JSON.stringify(step.length > longest ? `${step.slice(0, longest)}...` : step)}]`
  }
  return path.length > longestPath ? `${path.slice(0, longestPath - 60)}...${path.slice(-57)}` : path
}
