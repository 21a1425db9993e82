// An implementation of the suite's contract whose handlers a case gives: those it does not give must not be called.
import { handler, type Implementation, implement } from '@tenon/contract'
import { type Context, endpoint, type Failure, type Outcome, type Stream } from '@tenon/endpoint'
import { type Everything, type Item, Open, Suite } from './everything.ts'

type Unary<I> = (input: I, ctx: Context) => Outcome | Promise<Outcome>

/** What the methods do in one case. */
export interface Handlers {
  readonly echo?: Unary<Everything>
  readonly find?: Unary<unknown>
  readonly act?: (what: string, ctx: Context) => Outcome | Promise<Outcome>
  readonly nothing?: Unary<void>
  readonly count?: (what: string, ctx: Context) => AsyncGenerator<Outcome>
  readonly sum?: (items: Stream<Item, Failure>, ctx: Context) => Outcome | Promise<Outcome>
  readonly chat?: (items: Stream<Item, Failure>, ctx: Context) => AsyncGenerator<Outcome>
  readonly any?: Unary<unknown>
}

const missing = (name: string) => (): never => {
  throw new Error(`the case gives no handler for ${name}`)
}

/** The suite's contract and the open one, behind these handlers. */
export function serving(handlers: Handlers, open: boolean): readonly Implementation[] {
  const { echo, find, act, nothing, count, sum, chat, any } = handlers
  const { methods } = Suite
  // The cases answer what a contract forbids, too: that is what the types of handlers would not let through.
  const suite = implement(Suite, {
    echo: handler(methods.echo, (echo ?? missing('echo')) as never),
    find: handler(methods.find, (find ?? missing('find')) as never),
    act: handler(methods.act, ({ what }, ctx) => (act ?? missing('act'))(what, ctx) as never),
    nothing: handler(methods.nothing, (nothing ?? missing('nothing')) as never),
    count: handler(methods.count, ({ what }, ctx) => (count ?? missing('count'))(what, ctx) as never),
    sum: handler(methods.sum, (sum ?? missing('sum')) as never),
    chat: handler(methods.chat, (chat ?? missing('chat')) as never),
  })
  if (!open) return [suite as Implementation]
  return [
    suite,
    implement(Open, { any: endpoint((any ?? missing('any')) as never, Open.methods.any) as never }),
  ] as readonly Implementation[]
}
