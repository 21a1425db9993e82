// What `npm run example -- addcli sum 1 2` runs: one call of addsvc, over the wire whose address is given.
import { unavailable } from '@tenon/contract'
import { call, type Failure, fail, isInfrastructure } from '@tenon/endpoint'
import { type Address, address, command, flag, Mistake, type Option, Unable, written } from '@tenon/example-command'
import type { Either } from 'fp-ts/lib/Either.js'
import type { AddClient, Wire } from './client.ts'

type Answer = Either<Failure, { readonly v: unknown }>

interface Question {
  readonly ask: (client: AddClient) => Promise<Answer>
  /** As it is told again. */
  readonly asked: string
}

/** What is asked with two words. Those that will not do are found before anybody is called. */
const methods = {
  sum(a: string, b: string): Question {
    const input = { a: numberOf(a), b: numberOf(b) }
    return { ask: (client) => call(client.sum, input), asked: `${input.a} + ${input.b}` }
  },
  concat: (a: string, b: string): Question => ({
    ask: (client) => call(client.concat, { a, b }),
    asked: `${JSON.stringify(a)} + ${JSON.stringify(b)}`,
  }),
}

const at = (wire: string, usual: string): Option<Address | undefined> => {
  const option = address('', `calls over ${wire}, such as ${usual}`)
  return { ...option, read: (text) => (text === '' ? undefined : option.read(text)) }
}

const options = {
  'http-addr': at('HTTP', '127.0.0.1:8081; so it does where no address is given'),
  'grpc-addr': at('gRPC', '127.0.0.1:8082'),
  'jsonrpc-addr': at('JSON-RPC', '127.0.0.1:8084'),
  'nats-addr': at('NATS', '127.0.0.1:4222'),
  method: { usual: '', takes: 'sum|concat', is: 'the method, where it is not the first word', read: String },
  json: flag('the answer as JSON: {"v":3}, or {"error":{"tag","code","message"}}'),
}

const note = `Ends with 0 for an answer, 1 where the service says no, 2 for a mistake on the command line,
3 where no answer came: nobody is there, the service is busy, the time is up.`

await command(
  'addcli: calls addsvc.',
  options,
  async ({ method: named, json, ...places }, words) => {
    const [method, a, b] = wordsOf(named === '' ? words : [named, ...words])
    const { ask, asked } = methods[method](a, b)
    const [wire, place] = placeOf(places)
    const outcome = await over(wire, written(place), ask)
    if (outcome._tag === 'Left') return refused(outcome.left, json)
    console.log(json ? JSON.stringify(outcome.right) : `${asked} = ${JSON.stringify(outcome.right.v)}`)
    return 0
  },
  { words: 'sum|concat A B', note },
)

function wordsOf([method, a, b, ...rest]: readonly string[]): readonly ['sum' | 'concat', string, string] {
  if (method !== 'sum' && method !== 'concat')
    throw new Mistake(
      `${method === undefined ? 'a method is missing' : `no method is called "${method}"`}: sum or concat`,
    )
  if (a === undefined || b === undefined || rest.length > 0)
    throw new Mistake(
      `${method} takes two words and not ${rest.length + Number(a !== undefined) + Number(b !== undefined)}`,
    )
  return [method, a, b]
}

/** The one address that was given. */
function placeOf(places: Readonly<Record<`${Wire}-addr`, Address | undefined>>): readonly [Wire, Address] {
  const given = Object.entries(places).filter((each): each is [`${Wire}-addr`, Address] => each[1] !== undefined)
  if (given.length > 1)
    throw new Mistake(`one address is enough, and not ${given.map(([name]) => `--${name}`).join(' and ')}`)
  const [[name, place]] = [...given, ['http-addr', { host: '127.0.0.1', port: 8081 }] as const]
  return [name.replace('-addr', '') as Wire, place]
}

function numberOf(word: string): number {
  const value = /^[+-]?\d+$/.test(word) ? Number(word) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new Mistake(`sum takes whole numbers up to 2^53, and not "${word}"`)
  return value
}

/** Asks over this wire. A NATS server that is not there is found before anything can be asked. */
async function over(wire: Wire, place: string, ask: Question['ask']): Promise<Answer> {
  // Loaded when it is needed: a mistake on the command line is told at once.
  const { wires } = await import('./client.ts')
  try {
    await using client = await wires[wire](place)
    return await ask(client)
  } catch (cause) {
    if (cause instanceof Unable) return fail(unavailable(cause.message))
    throw cause
  }
}

/** Says why there is no answer, and answers the exit code. */
function refused(failure: Failure, json: boolean): number {
  const { _tag: tag, code, message } = failure
  // Whoever tries it for the first time has not started it yet.
  const hint = code === 'unavailable' ? '; npm run example -- addsvc starts one' : ''
  if (json) console.log(JSON.stringify({ error: { tag, code, message } }))
  else console.error(`addcli: ${message}${hint}`)
  return isInfrastructure(failure) || code === 'cancelled' ? 3 : 1
}
