// What the gateway lets the world call of addsvc and stringsvc: a contract of its own, with the paths of Go kit's apigateway.
// What is not named here cannot be called from outside, whatever those services have.
import { contract, unary } from '@tenon/contract'
import { Add } from '@tenon/example-addsvc/contract'
import { Strings } from './strings.ts'

const { sum, concat } = Add.methods
const { uppercase, count } = Strings.methods

export const Edge = contract('gateway.v1.Edge', {
  sum: unary({ ...same(sum), http: 'POST /addsvc/sum' }),
  concat: unary({ ...same(concat), http: 'POST /addsvc/concat' }),
  uppercase: unary({ ...same(uppercase), http: 'POST /stringsvc/uppercase' }),
  count: unary({ ...same(count), http: 'POST /stringsvc/count' }),
})

/** Messages and failures of a method, without where it stands. */
function same<I, O, F>({ input, output, failures }: { readonly input: I; readonly output: O; readonly failures: F }) {
  return { input, output, failures, idempotent: true }
}
